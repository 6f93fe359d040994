//! Histories made from a seed: branches, merges, edits, renames, deletions, tags, with fake secrets planted in them.
//!
//! The repository is written by one `git fast-import`, so that hundreds of commits take a moment.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::environment::TestEnvironment;
use crate::fake;
use crate::random::Random;
use crate::repo::TestRepo;

const BRANCHES: [&str; 3] = ["main", "side", "topic/deep"];
const WORDS: [&str; 12] = [
    "river", "stone", "lamp", "window", "garden", "paper", "ocean", "copper", "train", "violet", "maple",
    "anchor",
];
const FOLDERS: [&str; 4] = ["", "src/", "docs/notes/", "deploy/a/b/"];

/// A secret somewhere in a generated history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The secret, a GitHub token whose checksum holds.
    pub secret: String,
    /// The path it was first written to.
    pub path: String,
    /// The id of the commit that wrote it.
    pub commit: String,
}

/// A generated repository and what is hidden in it.
#[derive(Debug)]
pub struct RandomHistory<'env> {
    /// The repository, `main` checked out.
    pub repo: TestRepo<'env>,
    /// Every planted secret in the order of the commits.
    pub planted: Vec<Planted>,
}

/// What one branch holds while the stream is written.
#[derive(Clone, Default)]
struct Tip {
    /// The mark of the last commit; 0 when there is none.
    mark: usize,
    files: BTreeMap<String, Vec<String>>,
}

/// Builds a repository `name` of `commits` commits. The same seed gives the same object ids.
#[track_caller]
pub fn random_history<'env>(
    environment: &'env TestEnvironment,
    name: &str,
    seed: u64,
    commits: usize,
) -> RandomHistory<'env> {
    let repo = TestRepo::init(environment, name);
    let mut random = Random::new(seed);
    let mut tips: BTreeMap<&str, Tip> = BTreeMap::new();
    let mut stream = String::new();
    let mut planted = Vec::new();
    for mark in 1..=commits {
        // The first commit makes main; the other branches start from a commit that is there.
        let branch = if mark == 1 { "main" } else { *random.pick(&BRANCHES) };
        let fork = tips.get("main").cloned().unwrap_or_default();
        let mut tip = tips.get(branch).cloned().unwrap_or(fork);
        let other = *random.pick(&BRANCHES);
        let merged = (branch != other && random.one_in(6)).then(|| tips.get(other).cloned()).flatten();
        write_commit(&mut stream, &mut random, mark, branch, &mut tip, merged.as_ref());
        if mark % 7 == 3 {
            let (secret, path) = plant(&mut stream, &mut random, seed, mark, &mut tip);
            planted.push((secret, path, mark));
        }
        tip.mark = mark;
        tips.insert(branch, tip);
        if random.one_in(15) {
            let _ = write!(
                stream,
                "tag v{mark}\nfrom :{mark}\ntagger T <t@project.test> {mark} +0000\ndata 7\nrelease\n"
            );
        }
    }
    let marks = environment.path(format!("{name}.marks"));
    repo.git_with_input(["fast-import", "--quiet", &format!("--export-marks={}", marks.display())], stream);
    repo.git(["reset", "--quiet", "--hard", "main"]);
    let marks = read_marks(&marks);
    let planted = planted.into_iter().map(|(secret, path, mark)| Planted {
        secret,
        path,
        commit: marks[&mark].clone(),
    });
    RandomHistory { planted: planted.collect(), repo }
}

fn write_commit(
    stream: &mut String,
    random: &mut Random,
    mark: usize,
    branch: &str,
    tip: &mut Tip,
    merged: Option<&Tip>,
) {
    let time = 1_704_067_200 + mark * 60;
    let message = format!("change {mark}: {} {}\n", random.pick(&WORDS), random.pick(&WORDS));
    let _ = write!(stream, "commit refs/heads/{branch}\nmark :{mark}\n");
    let _ = writeln!(stream, "author Ada Author <ada@project.test> {time} +0100");
    let _ = writeln!(stream, "committer Carl Committer <carl@project.test> {time} +0000");
    let _ = write!(stream, "data {}\n{message}", message.len());
    if tip.mark > 0 {
        let _ = writeln!(stream, "from :{}", tip.mark);
    }
    if let Some(merged) = merged.filter(|merged| merged.mark != tip.mark) {
        let _ = writeln!(stream, "merge :{}", merged.mark);
        for (path, lines) in &merged.files {
            if !tip.files.contains_key(path) {
                tip.files.insert(path.clone(), lines.clone());
                write_file(stream, path, lines);
            }
        }
    }
    for _ in 0..=random.below(3) {
        change_a_file(stream, random, mark, tip);
    }
}

fn change_a_file(stream: &mut String, random: &mut Random, mark: usize, tip: &mut Tip) {
    let names: Vec<String> = tip.files.keys().cloned().collect();
    if names.is_empty() || random.one_in(4) {
        let path = format!("{}{}-{mark}.txt", random.pick(&FOLDERS), random.pick(&WORDS));
        let lines: Vec<String> = (0..10 + random.below(120)).map(|_| line(random)).collect();
        write_file(stream, &path, &lines);
        tip.files.insert(path, lines);
        return;
    }
    let path = random.pick(&names).clone();
    let lines = tip.files.get_mut(&path).expect("the name comes from the map");
    if random.one_in(12) {
        tip.files.remove(&path);
        let _ = writeln!(stream, "D {path}");
    } else if random.one_in(10) {
        let lines = tip.files.remove(&path).expect("the name comes from the map");
        let renamed = format!("{}renamed-{mark}-{}.txt", random.pick(&FOLDERS), random.below(1000));
        let _ = writeln!(stream, "R {path} {renamed}");
        tip.files.insert(renamed, lines);
    } else {
        for _ in 0..=random.below(4) {
            let index = random.below(lines.len());
            lines[index] = line(random);
        }
        let lines = lines.clone();
        write_file(stream, &path, &lines);
    }
}

fn plant(
    stream: &mut String,
    random: &mut Random,
    seed: u64,
    mark: usize,
    tip: &mut Tip,
) -> (String, String) {
    let secret = fake::github_pat(seed.wrapping_mul(1_000_003).wrapping_add(mark as u64));
    let names: Vec<String> = tip.files.keys().cloned().collect();
    let path = if names.is_empty() { format!("planted-{mark}.txt") } else { random.pick(&names).clone() };
    let lines = tip.files.entry(path.clone()).or_insert_with(|| vec!["first".into()]);
    let index = random.below(lines.len());
    lines[index] = format!("token = \"{secret}\"");
    let lines = lines.clone();
    write_file(stream, &path, &lines);
    (secret, path)
}

fn line(random: &mut Random) -> String {
    (0..3 + random.below(6)).map(|_| *random.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

fn write_file(stream: &mut String, path: &str, lines: &[String]) {
    let length: usize = lines.iter().map(|line| line.len() + 1).sum();
    let _ = write!(stream, "M 100644 inline {path}\ndata {length}\n");
    for line in lines {
        let _ = writeln!(stream, "{line}");
    }
    stream.push('\n');
}

fn read_marks(path: &std::path::Path) -> BTreeMap<usize, String> {
    let text = std::fs::read_to_string(path).expect("fast-import wrote its marks");
    let entries = text.lines().map(|line| {
        let (mark, id) = line.split_once(' ').expect("a mark line is `:mark id`");
        (mark[1..].parse().expect("marks are numbers"), id.to_owned())
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_ids_and_every_secret_is_there() {
        let environment = TestEnvironment::new();
        let first = random_history(&environment, "a", 5, 60);
        let second = random_history(&environment, "b", 5, 60);
        assert_eq!(first.planted, second.planted);
        assert_eq!(first.repo.git(["for-each-ref"]), second.repo.git(["for-each-ref"]));
        assert_ne!(first.planted, random_history(&environment, "c", 6, 60).planted);
        assert!(first.planted.len() > 5);
        for planted in &first.planted {
            let object = format!("{}:{}", planted.commit, planted.path);
            assert!(first.repo.git(["cat-file", "blob", &object]).contains(&planted.secret));
        }
        assert!(!first.repo.log(&["--all", "--merges"]).is_empty(), "no merge in sixty commits");
        first.repo.git(["fsck", "--strict"]);
    }
}
