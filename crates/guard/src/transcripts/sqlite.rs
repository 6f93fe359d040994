//! Reads the values in a database of `SQLite` file: every record of every page that holds some, overflow pages joined.
//!
//! Only reading, page by page, without following the tree: so a page that nothing leads to is read as well, and a damaged
//! file gives what can be read. Nothing is ever written.
//!
//! Source: sqlite.org/fileformat2.html.

const MAGIC: &[u8] = b"SQLite format 3\0";
/// Longer records are cut. Bytes.
const MAX_RECORD: usize = 64 << 20;

/// Whether the file of that name is a database, or what belongs to one: pages that are not in it yet, or no longer.
pub fn is_database(name: &str, bytes: &[u8]) -> bool {
    is_sqlite(bytes) || ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end))
}

/// Whether a database holds values that are compressed, of which nothing can be said. Zed compresses its threads.
pub fn is_compressed(bytes: &[u8]) -> bool {
    is_sqlite(bytes) && values(bytes).iter().any(|value| value.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]))
}

/// Whether a file is such a database.
pub(crate) fn is_sqlite(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) && bytes.len() >= 100
}

/// The texts and blobs in it.
pub(crate) fn values(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Some(file) = File::open(bytes) else { return Vec::new() };
    let mut values = Vec::new();
    // No file holds more than its own size over and over: a damaged one that says so is cut.
    let mut budget = bytes.len().saturating_mul(2);
    for number in 1..=bytes.len() / file.page_size {
        for record in file.records(number) {
            budget = budget.saturating_sub(record.len());
            if budget == 0 {
                return values;
            }
            split(&record, &mut values);
        }
    }
    values
}

struct File<'b> {
    bytes: &'b [u8],
    page_size: usize,
    usable: usize,
}

impl<'b> File<'b> {
    fn open(bytes: &'b [u8]) -> Option<Self> {
        let size = usize::from(u16::from_be_bytes([*bytes.get(16)?, *bytes.get(17)?]));
        let page_size = if size == 1 { 65536 } else { size };
        let reserved = usize::from(*bytes.get(20)?);
        let is_sound =
            is_sqlite(bytes) && page_size.is_power_of_two() && page_size >= 512 && reserved < page_size / 2;
        is_sound.then_some(Self { bytes, page_size, usable: page_size - reserved })
    }

    /// A page, counted from 1.
    fn page(&self, number: usize) -> Option<&'b [u8]> {
        let start = number.checked_sub(1)?.checked_mul(self.page_size)?;
        self.bytes.get(start..start.checked_add(self.page_size)?)
    }

    /// The records that begin on a page.
    fn records(&self, number: usize) -> Vec<Vec<u8>> {
        let Some(page) = self.page(number) else { return Vec::new() };
        let head = if number == 1 { 100 } else { 0 };
        // Leaves of tables; leaves and inner pages of indexes, in which tables without row ids live.
        let (pointers, before, is_table) = match page[head] {
            0x0d => (head + 8, 0, true),
            0x0a => (head + 8, 0, false),
            0x02 => (head + 12, 4, false),
            _ => return Vec::new(),
        };
        let count = usize::from(u16::from_be_bytes([page[head + 3], page[head + 4]]));
        let mut records = Vec::new();
        for cell in 0..count.min(self.page_size / 4) {
            let at = pointers + 2 * cell;
            let Some(pointer) = page.get(at..at + 2) else { break };
            let start = usize::from(u16::from_be_bytes([pointer[0], pointer[1]])) + before;
            records.extend(self.record(page, start, is_table));
        }
        records
    }

    fn record(&self, page: &[u8], start: usize, is_table: bool) -> Option<Vec<u8>> {
        let (length, used) = varint(page.get(start..)?)?;
        let mut at = start + used;
        if is_table {
            at += varint(page.get(at..)?)?.1;
        }
        let length = usize::try_from(length).ok()?.min(MAX_RECORD);
        let most = if is_table { self.usable - 35 } else { (self.usable - 12) * 64 / 255 - 23 };
        if length <= most {
            return Some(page.get(at..at + length)?.to_vec());
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let rest = least + (length - least) % (self.usable - 4);
        let local = if rest <= most { rest } else { least };
        let mut record = page.get(at..at + local)?.to_vec();
        let mut next = page.get(at + local..at + local + 4).map(number)?;
        // A chain that leads to itself ends with the record.
        while next != 0 && record.len() < length {
            let Some(page) = self.page(next) else { break };
            next = number(&page[..4]);
            let take = (length - record.len()).min(self.usable - 4);
            record.extend_from_slice(&page[4..4 + take]);
        }
        Some(record)
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// A number of one to nine bytes, and how many they were.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// The texts and blobs of a record.
fn split(record: &[u8], values: &mut Vec<Vec<u8>>) {
    let Some((header, used)) = varint(record) else { return };
    let Some(header) = usize::try_from(header).ok().filter(|header| *header <= record.len()) else { return };
    let (mut at, mut body) = (used, header);
    while at < header {
        let Some((kind, used)) = varint(&record[at..header]) else { return };
        at += used;
        let length = match kind {
            1..=4 => usize::try_from(kind).unwrap_or(0),
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).unwrap_or(usize::MAX),
            _ => 0,
        };
        let end = body.saturating_add(length).min(record.len());
        if kind >= 12 && end > body {
            values.push(record[body..end].to_vec());
        }
        body = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_give_what_can_be_read() {
        let mut bytes = vec![0u8; 4096];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..18].copy_from_slice(&512u16.to_be_bytes());
        assert!(values(&bytes).is_empty());
        for seed in 0..2000u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            for byte in &mut bytes[100..] {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                *byte = if state % 3 == 0 { 0x0d } else { state.to_le_bytes()[3] };
            }
            drop(values(&bytes));
        }
    }
}
