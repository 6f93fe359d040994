//! Whether a pack and its index belong together and are whole, so that the index can be believed about ids.

use crate::pack::Pack;
use crate::trouble::{Trouble, TroubleKind};

/// Whether the objects of `pack` must be hashed because its index cannot be believed; adds why to `troubles`. Found out
/// once.
pub(super) fn is_doubtful(pack: &Pack, troubles: &mut Vec<Trouble>) -> bool {
    let (doubtful, known) = pack.doubt(|| {
        let mut troubles = Vec::new();
        (judge(pack, &mut troubles), troubles)
    });
    troubles.extend(known.iter().cloned());
    *doubtful
}

fn judge(pack: &Pack, troubles: &mut Vec<Trouble>) -> bool {
    let index = pack.index();
    let Some(checksum) = index.pack_checksum() else {
        // A list out of a multi-pack-index: nothing ties it to the pack.
        return true;
    };
    let index_path = pack.path().with_extension("idx");
    let before = troubles.len();
    let mut doubt = |path, kind, message: &str| troubles.push(Trouble::with_file(path, kind, message));
    if index.is_intact() == Some(false) {
        doubt(&index_path, TroubleKind::BadIndex, "the pack index does not have the checksum it ends with");
    }
    if pack.checksum().is_none_or(|own| own.as_slice() != checksum) {
        doubt(pack.path(), TroubleKind::BadIndex, "the pack does not end with the checksum its index names");
    }
    match pack.claimed_count() {
        None => {
            doubt(pack.path(), TroubleKind::Damaged, "the file does not start like a pack of version 2 or 3");
        }
        Some(claimed) if claimed != index.count() => {
            let message = format!("the pack claims {claimed} objects, its index lists {}", index.count());
            doubt(pack.path(), TroubleKind::BadIndex, &message);
        }
        Some(_) => {}
    }
    if pack.order().has_twins() {
        doubt(&index_path, TroubleKind::BadIndex, "the pack index gives two objects one place in the pack");
    }
    troubles.len() > before
}
