//! The little of `Cargo.toml` that tasks need: tables, keys and the quoted words in their values.
//!
//! A line scanner instead of a parser, because manifests here are written by hand in one plain style:
//! tables in brackets, one key on a line, arrays that may run over several lines.
//! Invariant: every entry knows its line, so that a violation can point at it.

use crate::failure::Failure;
use crate::tree::Tree;

/// One `key = value` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The table it stands in, such as `dependencies`.
    pub(crate) table: String,
    /// The key as written, such as `serde` or `serde.workspace`.
    pub(crate) key: String,
    /// The value as written, without comments.
    pub(crate) value: String,
    /// The line of the key, from one.
    pub(crate) line: usize,
}

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its directory below the root.
    pub(crate) directory: String,
    /// The name of its package.
    pub(crate) name: String,
    /// The entries of its manifest.
    pub(crate) entries: Vec<Entry>,
}

impl Member {
    /// The path of its manifest.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.directory)
    }

    /// May others depend on it?
    pub(crate) fn is_published(&self) -> bool {
        let said = self.entries.iter().find(|entry| entry.table == "package" && entry.key == "publish");
        said.is_none_or(|entry| entry.value != "false")
    }

    /// The features it declares, without `default`.
    pub(crate) fn features(&self) -> impl Iterator<Item = &str> {
        let declared = self.entries.iter().filter(|entry| entry.table == "features");
        declared.map(|entry| entry.key.as_str()).filter(|name| *name != "default")
    }

    /// The packages it depends on outside of tests and build scripts, each with the line that says so.
    pub(crate) fn dependencies(&self) -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = self.entries.iter().filter_map(dependency).collect();
        for entry in &self.entries {
            let renames = entry.key == "package" || entry.key.ends_with(".package");
            if renames
                && let Some(name) = first_quoted(&entry.value).filter(|_| in_dependencies(&entry.table))
            {
                found.push((name.to_owned(), entry.line));
            }
        }
        found.dedup();
        found
    }
}

/// The crates the root manifest lists as members.
pub(crate) fn members(tree: &Tree) -> Result<Vec<Member>, Failure> {
    let entries = scan(&tree.read("Cargo.toml")?);
    let list = entries.iter().find(|entry| entry.table == "workspace" && entry.key == "members");
    let list = list.ok_or_else(|| Failure::new("`Cargo.toml` has no `members` in `[workspace]`"))?;
    quoted(&list.value).into_iter().map(|directory| member(tree, directory)).collect()
}

fn member(tree: &Tree, directory: &str) -> Result<Member, Failure> {
    let entries = scan(&tree.read(&format!("{directory}/Cargo.toml"))?);
    let name = entries.iter().find(|entry| entry.table == "package" && entry.key == "name");
    let name = name.and_then(|entry| first_quoted(&entry.value)).unwrap_or(directory).to_owned();
    Ok(Member { directory: directory.to_owned(), name, entries })
}

/// The entries of a manifest, in order.
pub(crate) fn scan(text: &str) -> Vec<Entry> {
    let mut table = String::new();
    let mut entries: Vec<Entry> = Vec::new();
    let mut open = false;
    for (index, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        if open {
            if let Some(last) = entries.last_mut() {
                last.value.push_str(line);
                open = is_open(&last.value);
            }
        } else if let Some(header) = line.strip_prefix('[') {
            table = header.trim_matches(['[', ']', ' ']).to_owned();
            if in_dependencies(&table) {
                entries.push(Entry {
                    table: table.clone(),
                    key: String::new(),
                    value: String::new(),
                    line: index + 1,
                });
            }
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim().trim_matches(['"', '\'']).to_owned();
            let value = value.trim().to_owned();
            open = is_open(&value);
            entries.push(Entry { table: table.clone(), key, value, line: index + 1 });
        }
    }
    entries
}

fn dependency(entry: &Entry) -> Option<(String, usize)> {
    if let Some(name) = entry.table.strip_prefix("dependencies.").or_else(|| after_target(&entry.table)) {
        return entry.key.is_empty().then(|| (name.to_owned(), entry.line));
    }
    if !in_dependencies(&entry.table) || entry.key.is_empty() {
        return None;
    }
    let written = entry.key.split('.').next().unwrap_or(&entry.key).trim();
    let renamed = entry.value.split_once("package = ").and_then(|(_, rest)| first_quoted(rest));
    Some((renamed.unwrap_or(written).to_owned(), entry.line))
}

/// Whether a table lists, or is one of, the dependencies outside of tests and build scripts.
fn in_dependencies(table: &str) -> bool {
    table == "dependencies"
        || table.starts_with("dependencies.")
        || (table.starts_with("target.")
            && (table.ends_with(".dependencies") || after_target(table).is_some()))
}

fn after_target(table: &str) -> Option<&str> {
    table.strip_prefix("target.").and_then(|rest| rest.split_once(".dependencies.")).map(|(_, name)| name)
}

fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (None, '#') => return line.split_at(at).0,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    line
}

fn is_open(value: &str) -> bool {
    let count = |wanted: char| value.chars().filter(|letter| *letter == wanted).count();
    count('[') > count(']') || count('{') > count('}')
}

fn first_quoted(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}

fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member_of(text: &str) -> Member {
        Member { directory: "crm-x".to_owned(), name: "crm-x".to_owned(), entries: scan(text) }
    }

    #[test]
    fn arrays_may_run_over_several_lines() {
        let entries =
            scan("[workspace] # root\nmembers = [\n  \"a\", # one\n  \"b\",\n]\nresolver = \"3\"\n");
        let members = entries.first().unwrap();
        assert_eq!((quoted(&members.value), members.line), (vec!["a", "b"], 2));
        assert_eq!(entries.last().unwrap().key, "resolver");
    }

    #[test]
    fn features_are_listed_without_the_default() {
        let member = member_of("[features]\ndefault = [\"serde\"]\nserde = []\ntest-util = [\"serde\"]\n");
        assert_eq!(member.features().collect::<Vec<_>>(), ["serde", "test-util"]);
    }

    #[test]
    fn a_dependency_is_found_in_every_way_to_write_it() {
        let member = member_of(
            "[dependencies]\na.workspace = true\nb = \"1\"\nz = { package = \"c\", path = \"../c\" }\n\
             [dependencies.d]\nworkspace = true\n[target.'cfg(unix)'.dependencies]\ne = \"1\"\n\
             [target.'cfg(unix)'.dependencies.f]\npath = \"../f\"\n[dependencies.y]\npackage = \"g\"\n\
             [dev-dependencies]\nh = \"1\"\n[build-dependencies]\ni = \"1\"\n",
        );
        let found = member.dependencies();
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d", "e", "f", "y", "g"]);
        assert_eq!(found.first(), Some(&("a".to_owned(), 2)));
    }

    #[test]
    fn a_hash_in_quotes_is_no_comment() {
        assert_eq!(without_comment("a = \"#1\" # two"), "a = \"#1\" ");
    }
}
