//! Where the programs of a server are.
//!
//! Distributions keep them off the path, because several versions stand side by side.
//! Invariant: what is found has both programs that a cluster needs, and nothing is changed by looking.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// Where Debian and its descendants keep each version: `<here>/<version>/bin`.
const VERSIONS: &str = "/usr/lib/postgresql";

/// What was looked at, for a person.
pub(super) const LOOKED_AT: &str = "`pg_config --bindir`, /usr/lib/postgresql/*/bin and the path";

/// The two programs that make and serve a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) initdb: PathBuf,
    pub(super) postgres: PathBuf,
}

impl Programs {
    /// Those of the system: the configured ones, else the newest, else those on the path.
    pub(super) fn of_system() -> Option<Self> {
        let configured = said_by(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
        let places = configured.into_iter().chain(versions(Path::new(VERSIONS))).chain(on_path());
        places.into_iter().find_map(|directory| Self::within(&directory))
    }

    /// Those of one major version.
    pub(super) fn of_version(major: u32) -> Option<Self> {
        let own = Self::within(&Path::new(VERSIONS).join(major.to_string()).join("bin"));
        let is_that_version = |programs: &Self| programs.version().is_ok_and(|text| has_major(&text, major));
        own.or_else(Self::of_system).filter(is_that_version)
    }

    /// Those in this directory, if it has both.
    pub(super) fn within(directory: &Path) -> Option<Self> {
        let (initdb, postgres) = (directory.join("initdb"), directory.join("postgres"));
        (initdb.is_file() && postgres.is_file()).then_some(Self { initdb, postgres })
    }

    /// What the server says of itself, as in `PostgreSQL 15.18`.
    pub(super) fn version(&self) -> Result<String, Failure> {
        let answer = said_by(Command::new(&self.postgres).arg("--version"));
        let answer = answer
            .ok_or_else(|| Failure(format!("`{} --version` does not answer", self.postgres.display())))?;
        let number =
            answer.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
        Ok(format!("PostgreSQL {}", number.unwrap_or(&answer)))
    }
}

/// A program on the path, or where only root has its path.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let places = on_path().into_iter().chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    places.into_iter().map(|directory| directory.join(name)).find(|path| path.is_file())
}

fn on_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// The directories of all versions, the newest first.
fn versions(place: &Path) -> Vec<PathBuf> {
    let listing = fs::read_dir(place).into_iter().flatten().flatten();
    let numbered = |name: String| name.parse::<u32>().ok();
    let mut majors: Vec<u32> =
        listing.filter_map(|entry| entry.file_name().into_string().ok().and_then(numbered)).collect();
    majors.sort_unstable_by(|one, other| other.cmp(one));
    majors.into_iter().map(|major| place.join(major.to_string()).join("bin")).collect()
}

fn has_major(version: &str, major: u32) -> bool {
    let number = version.trim_start_matches("PostgreSQL ");
    number.split(|letter: char| !letter.is_ascii_digit()).next() == Some(major.to_string().as_str())
}

/// What a command writes, if it succeeds.
fn said_by(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let fixture = Fixture::new(&[("9/bin/x", ""), ("15/bin/x", ""), ("readme", "")]);
        let wanted = ["15/bin", "9/bin"].map(|place| fixture.root().join(place));
        assert_eq!(versions(fixture.root()), wanted);
        assert!(versions(&fixture.root().join("none")).is_empty());
    }

    #[test]
    fn a_directory_with_one_of_the_programs_is_not_enough() {
        let fixture = Fixture::new(&[("a/initdb", ""), ("b/initdb", ""), ("b/postgres", "")]);
        assert_eq!(Programs::within(&fixture.root().join("a")), None);
        assert!(Programs::within(&fixture.root().join("b")).is_some());
    }

    #[test]
    fn a_major_version_is_the_whole_first_number() {
        assert!(has_major("PostgreSQL 15.18", 15) && has_major("PostgreSQL 18beta1", 18));
        assert!(!has_major("PostgreSQL 15.18", 1) && !has_major("PostgreSQL 9.15", 15));
    }

    #[test]
    fn a_program_is_found_by_its_name() {
        assert!(find("sh").is_some_and(|path| path.ends_with("sh")));
        assert_eq!(find("no-such-program"), None);
    }
}
