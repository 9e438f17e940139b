//! `cargo xtask wheels`: what is uploaded for whoever installs the Python package, built and tried.
//!
//! One wheel a platform serves every CPython from 3.11 on. Zig links against the oldest C library that a platform promises,
//! whatever this machine has. The wheel for this machine and the source are each installed into an environment with nothing
//! else in it, and must run the first example of `docs/python.md` there.
//! Invariant: what is tried is the file that would be uploaded.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::python::{Environment, finish};

/// A platform: its name for the compiler, and what its wheel promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Platform {
    triple: &'static str,
    promise: &'static str,
}

const PLATFORMS: &[Platform] = &[
    Platform { triple: "x86_64-unknown-linux-gnu", promise: "manylinux2014" },
    Platform { triple: "aarch64-unknown-linux-gnu", promise: "manylinux2014" },
    Platform { triple: "x86_64-unknown-linux-musl", promise: "musllinux_1_2" },
    Platform { triple: "aarch64-unknown-linux-musl", promise: "musllinux_1_2" },
];

const TOOLS: &[&str] = &["maturin>=1.14,<2", "ziglang>=0.13,<0.16"];

/// Runs the verb; the arguments name platforms, and none means all. The source is built and tried when all are.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let platforms = chosen(arguments)?;
    let tools = Environment::named(root, "wheels-tools")?;
    tools.get(TOOLS)?;
    let out = root.join("target").join("wheels");
    drop(std::fs::remove_dir_all(&out));
    for platform in &platforms {
        build(root, &tools, *platform, &out)?;
    }
    if let Some(mine) = platforms.iter().find(|platform| is_here(**platform)) {
        smoke(root, &wheel(&out, *mine)?, "wheel")?;
    }
    if arguments.is_empty() {
        let to = out.display().to_string();
        tools.run("the source", "maturin", &["sdist", "--out", &to], &root.join("crm-py"))?;
        smoke(root, &found(&out, |name| name.ends_with(".tar.gz"))?, "source")?;
    }
    Ok(())
}

fn chosen(arguments: &[String]) -> Result<Vec<Platform>, Failure> {
    if arguments.is_empty() {
        return Ok(PLATFORMS.to_vec());
    }
    let named = |name: &String| {
        let found = PLATFORMS.iter().copied().find(|platform| platform.triple == name);
        let known = || PLATFORMS.iter().map(|platform| platform.triple).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| Failure(format!("there is no wheel for `{name}`; there are {}", known())))
    };
    arguments.iter().map(named).collect()
}

/// Is this the platform that builds?
fn is_here(platform: Platform) -> bool {
    platform.triple == format!("{}-unknown-{}-gnu", std::env::consts::ARCH, std::env::consts::OS)
}

fn build(root: &Path, tools: &Environment, platform: Platform, out: &Path) -> Result<(), Failure> {
    let Platform { triple, promise } = platform;
    let mut target = Command::new("rustup");
    target.args(["target", "add", triple]);
    finish(&format!("the standard library for {triple}"), target)?;
    let to = out.display().to_string();
    let build = [
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--zig",
        "--compatibility",
        promise,
        "--target",
        triple,
        "--out",
        &to,
    ];
    tools.run(&format!("the wheel for {triple}"), "maturin", &build, &root.join("crm-py"))?;
    let wheel = wheel(out, platform)?;
    let size = std::fs::metadata(&wheel).map_or(0, |file| file.len());
    println!("wheels: {} ({}.{} MB)", wheel.display(), size / 1_000_000, size / 100_000 % 10);
    Ok(())
}

fn wheel(out: &Path, platform: Platform) -> Result<PathBuf, Failure> {
    let machine = platform.triple.split('-').next().unwrap_or_default();
    found(out, |name| {
        name.ends_with(&format!("{machine}.whl")) && name.contains(&platform.promise.replace("2014", "_2_17"))
    })
}

/// The one file whose name is as it should be.
fn found(folder: &Path, is_it: impl Fn(&str) -> bool) -> Result<PathBuf, Failure> {
    let files = std::fs::read_dir(folder).map_err(Failure::while_trying("looking at what was built"))?;
    let mut names = files.flatten().filter(|file| file.file_name().to_str().is_some_and(&is_it));
    names.next().map(|file| file.path()).ok_or_else(|| Failure::new("what was built is not there"))
}

/// Installs a file where nothing else is, and runs the first example of the documentation.
fn smoke(root: &Path, file: &Path, what: &str) -> Result<(), Failure> {
    let name = format!("smoke-{what}");
    drop(std::fs::remove_dir_all(root.join("target").join(&name)));
    let clean = Environment::named(root, &name)?;
    let install =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", &file.display().to_string()];
    let elsewhere = std::env::temp_dir();
    clean.run(&format!("installing the {what}"), "python", &install, &elsewhere)?;
    let docs = std::fs::read_to_string(root.join("docs/python.md"))
        .map_err(Failure::while_trying("reading docs/python.md"))?;
    let example = first_example(&docs).ok_or_else(|| Failure::new("docs/python.md has no example"))?;
    clean.run(&format!("the first example with the {what}"), "python", &["-c", example], &elsewhere)
}

fn first_example(docs: &str) -> Option<&str> {
    docs.split_once("```python\n")?.1.split_once("```").map(|(example, _)| example)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_named_and_others_are_refused() {
        assert_eq!(chosen(&[]).unwrap(), PLATFORMS);
        assert_eq!(chosen(&["x86_64-unknown-linux-musl".to_owned()]).unwrap(), [PLATFORMS[2]]);
        let refused = chosen(&["windows".to_owned()]).unwrap_err();
        assert!(refused.0.contains("no wheel for `windows`"), "{refused}");
    }

    #[test]
    fn the_first_example_is_what_stands_between_the_first_fences() {
        assert_eq!(first_example("a\n```sh\nx\n```\n```python\nimport crm\n```\nb"), Some("import crm\n"));
        assert_eq!(first_example("nothing"), None);
    }
}
