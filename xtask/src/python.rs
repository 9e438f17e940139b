//! `cargo xtask python`: the Python package, built and tested in an environment of its own.
//!
//! The environment is in `target`, so nothing of the machine is touched, and a second run finds it there.
//! Invariant: what is tested is the package as it is installed, and not the folder that it is made of.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// What builds and tests the package, as whoever installs packages names it.
const TOOLS: &[&str] = &[
    "aiosqlite>=0.20,<1",
    "asyncpg>=0.29,<1",
    "fastapi>=0.115,<1",
    "gunicorn>=23,<26",
    "httpx>=0.27,<1",
    "hypothesis>=6.100,<7",
    "maturin>=1.14,<2",
    "mypy>=1.18,<3",
    "psycopg[binary]>=3.1,<4",
    "pydantic>=2.9,<3",
    "pyright[nodejs]>=1.1.400,<2",
    "pytest>=8,<10",
    "pytest-xdist>=3.6,<4",
    "schemathesis>=4,<5",
    "sqlalchemy[asyncio]>=2,<3",
    "uvicorn>=0.30,<1",
    "uvicorn-worker>=0.3,<1",
];

/// Processes that run tests, each a file at a time: many of them wait for a server or for a time to pass.
const PROCESSES: &str = "3";

/// The interpreters that are looked for, in this order.
const INTERPRETERS: &[&str] = &["python3", "python"];

/// Runs the verb; the arguments go to pytest.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), Failure> {
    let environment = Environment::named(root, "python")?;
    environment.install()?;
    let package = root.join("crm-py");
    environment.run("what is generated is up to date", "python", &["generate.py", "--check"], &package)?;
    let types = ["--strict", "--warn-unused-ignores", "-p", "crm"];
    environment.run("types of the package", "mypy", &types, &package)?;
    for user in [
        "tests/typing",
        "../examples/fastapi_mini_crm",
        "../examples/fastapi_crm_api",
        "../examples/fastapi_real_estate",
        "../examples/fastapi_existing",
        "../examples/fastapi_apex",
    ] {
        let types = ["--strict", "--warn-unused-ignores", user];
        environment.run(&format!("types of {user}"), "mypy", &types, &package)?;
    }
    let types = ["-m", "mypy.stubtest", "crm._crm"];
    environment.run("stubs of the native module", "python", &types, &package)?;
    let types = ["--verifytypes", "crm", "--ignoreexternal"];
    environment.run("every public name has a type", "pyright", &types, &package)?;
    let arguments: Vec<&str> = ["-m", "pytest", "-q", "tests", "-n", PROCESSES, "--dist", "loadfile"]
        .into_iter()
        .chain(arguments.iter().map(String::as_str))
        .collect();
    environment.run("tests", "python", &arguments, &package)
}

/// A virtual environment.
pub(crate) struct Environment {
    root: PathBuf,
    folder: PathBuf,
}

impl Environment {
    /// The one of this name in `target`, made if it is not there.
    pub(crate) fn named(root: &Path, name: &str) -> Result<Self, Failure> {
        let folder = root.join("target").join(name);
        let environment = Self { root: root.to_path_buf(), folder };
        if !environment.program("python").exists() {
            let interpreter = interpreter()?;
            println!("python: an environment in {}", environment.folder.display());
            let mut made = Command::new(interpreter);
            made.args(["-m", "venv"]).arg(&environment.folder);
            finish("making an environment", made)?;
        }
        Ok(environment)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Gets packages.
    pub(crate) fn get(&self, packages: &[&str]) -> Result<(), Failure> {
        let install =
            [&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"], packages].concat();
        self.run("tools", "python", &install, &self.root)
    }

    /// The tools, and the package as whoever needs it gets it.
    fn install(&self) -> Result<(), Failure> {
        self.get(TOOLS)?;
        let wheels = self.folder.join("wheels");
        drop(std::fs::remove_dir_all(&wheels));
        let wheels = wheels.display().to_string();
        let build = ["build", "--quiet", "--profile", "dev", "--locked", "--out", &wheels];
        self.run("building", "maturin", &build, &self.root.join("crm-py"))?;
        let install = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--force-reinstall",
            "--no-deps",
            "--no-index",
            "--find-links",
            &wheels,
            "crm",
        ];
        self.run("installing", "python", &install, &self.root)
    }

    pub(crate) fn run(
        &self,
        what: &str,
        program: &str,
        arguments: &[&str],
        folder: &Path,
    ) -> Result<(), Failure> {
        let mut command = Command::new(self.program(program));
        let mut path = vec![self.folder.join("bin")];
        path.extend(
            std::env::var_os("PATH").iter().flat_map(|path| std::env::split_paths(path).collect::<Vec<_>>()),
        );
        let path = std::env::join_paths(path).map_err(Failure::while_trying("naming the environment"))?;
        command.args(arguments).current_dir(folder).env("VIRTUAL_ENV", &self.folder).env("PATH", path);
        finish(what, command)
    }
}

/// The first interpreter that answers.
fn interpreter() -> Result<&'static str, Failure> {
    let answers = |name: &&&str| {
        let mut asked = Command::new(name);
        let asked = asked.args(["-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"]);
        asked.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let found = INTERPRETERS.iter().find(answers);
    found
        .copied()
        .ok_or_else(|| Failure::new("no Python 3.11 or later with `venv`; the tests of the package need one"))
}

pub(crate) fn finish(what: &str, mut command: Command) -> Result<(), Failure> {
    let status = command.stdin(Stdio::null()).status();
    let status = status.map_err(Failure::while_trying(what))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{what}: it ended with {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_or_is_not_there_is_told_of() {
        let mut fails = Command::new("cargo");
        fails.arg("no-such-subcommand").stderr(Stdio::null());
        assert!(finish("trying", fails).unwrap_err().0.starts_with("trying: it ended with"));
        assert!(finish("trying", Command::new("no-such-program")).unwrap_err().0.starts_with("trying: "));
    }
}
