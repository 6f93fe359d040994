//! Visits every object of an object folder and prints how many there are and how long that took.
//!
//! `cargo run --release -p unleak-objects --example visit -- .git/objects [threads] [all|blobs|graph] [verify]`
#![allow(clippy::print_stdout, reason = "an example talks to the terminal")]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use unleak_objects::{Kind, KindSet, ObjectId, ObjectStore, VisitOptions, Visitor};

struct Nothing;

impl Visitor for Nothing {
    type Memory = ();

    fn object(&mut self, _id: &ObjectId, _kind: Kind, bytes: &[u8]) {
        std::hint::black_box(bytes);
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, content: &mut dyn std::io::Read) {
        // What cannot be read is among the troubles.
        let _bytes = std::io::copy(content, &mut std::io::sink());
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let objects =
        Path::new(arguments.first().ok_or("usage: visit <objects folder> [threads] [kinds] [verify]")?);
    let threads = arguments.get(1).map_or(Ok(2), |text| text.parse())?;
    let kinds = match arguments.get(2).map(String::as_str) {
        Some("blobs") => KindSet::BLOBS,
        Some("graph") => KindSet::of(&[Kind::Commit, Kind::Tree]),
        _ => KindSet::ALL,
    };
    let start = Instant::now();
    let store = ObjectStore::open(objects, gix_hash::Kind::Sha1)?;
    let interrupt = AtomicBool::new(false);
    let mut options = VisitOptions::new(kinds, threads, &interrupt);
    options.verify = arguments.get(3).is_some_and(|word| word == "verify");
    let outcome = store.visit(&options, || Nothing);
    let seconds = start.elapsed().as_secs_f64();
    println!("{} objects, {} bytes, {seconds:.3} s", outcome.visited.objects(), outcome.visited.bytes);
    println!("{:?}", outcome.visited);
    for trouble in outcome.troubles.iter().chain(&outcome.healed).take(20) {
        println!("{}: {:?}: {}", trouble.path.display(), trouble.id, trouble.message);
    }
    println!("{} troubles, {} healed", outcome.troubles.len(), outcome.healed.len());
    Ok(())
}
