//! Configuration files of git as lists of settings. Nothing is included, and no conditions are judged.

use bstr::{BString, ByteSlice as _};
use gix::config::{File, file::Metadata, file::init::Options};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Lower case.
    pub section: String,
    /// As it is written.
    pub subsection: Option<BString>,
    /// Lower case.
    pub key: String,
    /// Without quotes and escapes; empty where there is none.
    pub value: BString,
}

/// The settings in the text of a configuration file, in order; `None` if it is none.
pub fn read_settings(text: &[u8]) -> Option<Vec<Setting>> {
    let file = File::from_bytes_no_includes(text, Metadata::api(), Options::default()).ok()?;
    let mut settings = Vec::new();
    for section in file.sections() {
        let header = section.header();
        let name = header.name().to_str_lossy().to_ascii_lowercase();
        let subsection = header.subsection_name().map(ToOwned::to_owned);
        for (key, value) in section.body() {
            let (section, subsection) = (name.clone(), subsection.clone());
            settings.push(Setting { section, subsection, key: key.to_ascii_lowercase(), value });
        }
    }
    Some(settings)
}
