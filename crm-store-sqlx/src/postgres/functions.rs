//! The functions that commit, as the tables of fields demand them; the migration is held against this.
//!
//! `holds` locks and looks, `write` writes, `commit` does both, in a statement each: what `holds` looks at after a lock
//! was waited for is as it is then. Rows come as JSON, and their columns by name.
//!
//! Rows are locked and changed one by one: each is looked up by its key, whatever plan was made while tables were small.
//!
//! Invariant: kinds are locked in the canonical order, and written in an order in which what a row refers to is there
//! before it.

use std::fmt::Write as _;

use crm_core::describe::{FieldKind, Kind};

use super::dialect::{Postgres, element, written};
use super::settled::MARKED;
use crate::dialect::Dialect;
use crate::entry;
use crate::load::{ANSWER_COLUMNS, CLAIM_COLUMNS, CLAIMS, COMMANDS, REMEMBERED, answer_columns};
use crate::table::Table;
use crate::value::Type;

type Columns = Vec<(String, Type)>;

fn owned(columns: &[(&str, Type)]) -> Columns {
    columns.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect()
}

fn columns(dialect: &Postgres, kind: Kind) -> Columns {
    let columns = Table::new(dialect, kind).columns().into_iter();
    columns.map(|column| (column.name.into_owned(), column.of)).collect()
}

/// The rows of a JSON array, as a table under an alias.
fn rows(json: &str, alias: &str, columns: &Columns) -> String {
    let columns: Vec<String> =
        columns.iter().map(|(name, of)| format!("\"{name}\" {}", element(*of))).collect();
    format!("jsonb_to_recordset({json}) AS {alias}({})", columns.join(", "))
}

fn cell(name: &str, of: Type) -> String {
    written(&format!("v.\"{name}\""), of)
}

fn insert(dialect: &Postgres, table: &str, json: &str, columns: &Columns) -> String {
    let names: String = columns.iter().map(|(name, _)| format!(", \"{name}\"")).collect();
    let cells: String = columns.iter().map(|(name, of)| format!(", {}", cell(name, *of))).collect();
    format!(
        "INSERT INTO {} (organization_id{names})\n        SELECT organization{cells}\n        FROM {}",
        dialect.table(table),
        rows(json, "v", columns)
    )
}

/// Writes and counts if there is anything of that name.
fn write_if(text: &mut String, condition: &str, statement: &str) {
    let _ = writeln!(
        text,
        "    IF {condition} THEN\n        {statement};\n        GET DIAGNOSTICS counted = ROW_COUNT;\n        \
         written := written + counted;\n    END IF;"
    );
}

/// Writes for each of some rows, and counts.
fn write_each(text: &mut String, condition: &str, (from, order): (&str, &str), statement: &str) {
    let body = format!(
        "            {statement};\n            GET DIAGNOSTICS counted = ROW_COUNT;\n            \
         written := written + counted;\n"
    );
    let _ = writeln!(text, "    IF {condition} THEN\n{}    END IF;", each("        ", from, order, &body));
}

fn has(json: &str, name: &str) -> String {
    format!("{json} ? '{name}'")
}

/// The kinds, each after those that it refers to.
fn in_order_of_references() -> Vec<Kind> {
    let mut done: Vec<Kind> = Vec::new();
    while done.len() < Kind::ALL.len() {
        let refers = |kind: &Kind| {
            let mut fields = kind.fields().iter();
            fields.any(|field| match field.kind {
                FieldKind::Reference(other) => other != *kind && !done.contains(&other),
                _ => false,
            })
        };
        let next = Kind::ALL.iter().find(|kind| !done.contains(kind) && !refers(kind));
        done.push(*next.expect("kinds refer to each other in a circle"));
    }
    done
}

fn locks(dialect: &Postgres, text: &mut String) {
    let present = owned(&[("id", Type::Uuid), ("version", Type::Int)]);
    for kind in Kind::ALL {
        let (table, name) = (dialect.table(kind.name()), kind.name());
        let mut body = String::new();
        let mut keyword = "IF";
        for strength in ["KEY SHARE", "SHARE", "NO KEY UPDATE", "UPDATE"] {
            let _ = writeln!(
                body,
                "            {keyword} part->>'strength' = '{strength}' THEN\n                \
                 PERFORM 1 FROM {table} AS t WHERE t.organization_id = organization AND t.id = e.id\n                \
                 AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END\n                \
                 FOR {strength};"
            );
            keyword = "ELSIF";
        }
        body.push_str(
            "            END IF;\n            IF NOT FOUND THEN\n                RETURN FALSE;\n            END IF;\n",
        );
        let _ = writeln!(text, "    part := change->'{name}';\n    IF part ? 'present' THEN");
        text.push_str(&each("        ", &rows("part->'present'", "r", &present), "r.id", &body));
        text.push_str("    END IF;\n");
    }
}

/// Does something for each of some rows, which is called `e`, in an order. One by one they are looked up by their keys,
/// whatever was known of the tables when the plan was made.
fn each(indent: &str, from: &str, order: &str, body: &str) -> String {
    format!("{indent}FOR e IN SELECT r.* FROM {from} ORDER BY {order} LOOP\n{body}{indent}END LOOP;\n")
}

/// Refuses if something is there for any of some rows.
fn refuse_each(text: &mut String, condition: &str, (from, order): (&str, &str), there: &str) {
    let body =
        format!("            IF EXISTS ({there}) THEN\n                RETURN FALSE;\n            END IF;\n");
    let _ = writeln!(text, "    IF {condition} THEN\n{}    END IF;", each("        ", from, order, &body));
}

/// The claim of a unique key that `e` names.
const CLAIM: &str =
    "c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value";

fn holds(dialect: &Postgres) -> String {
    let mut text = String::new();
    locks(dialect, &mut text);
    let claims = owned(CLAIM_COLUMNS);
    let table = dialect.table(CLAIMS);
    let held = format!(
        "            PERFORM 1 FROM {table} AS c WHERE {CLAIM} AND c.holder = e.holder FOR UPDATE;\n            \
         IF NOT FOUND THEN\n                RETURN FALSE;\n            END IF;\n"
    );
    let order = "r.kind COLLATE \"C\", r.field COLLATE \"C\", r.value COLLATE \"C\"";
    let held = each("        ", &rows("change->'held'", "r", &claims), order, &held);
    let _ = writeln!(text, "    IF change ? 'held' THEN\n{held}    END IF;");
    let remembered = dialect.table(REMEMBERED);
    let _ = writeln!(
        text,
        "    part := change->'remembered';\n    IF part ? 'old_at' THEN\n        \
         PERFORM 1 FROM {remembered} AS r\n        \
         WHERE r.organization_id = organization AND r.actor = part->>'actor'\n        \
         AND r.operation = part->>'operation' AND r.key = part->>'key'\n        \
         AND r.digest = part->>'old_digest' AND r.at = (part->>'old_at')::timestamptz\n        FOR UPDATE;\n        \
         IF NOT FOUND THEN\n            RETURN FALSE;\n        END IF;\n    END IF;"
    );
    for kind in Kind::ALL {
        let (name, table) = (kind.name(), dialect.table(kind.name()));
        let there =
            format!("SELECT 1 FROM {table} AS t WHERE t.organization_id = organization AND t.id = e.id");
        let ids = format!(
            "(SELECT i::uuid AS id FROM jsonb_array_elements_text(change->'{name}'->'absent') AS i) AS r"
        );
        refuse_each(&mut text, &format!("change->'{name}' ? 'absent'"), (&ids, "r.id"), &there);
    }
    let taken = format!("SELECT 1 FROM {table} AS c WHERE {CLAIM}");
    refuse_each(&mut text, "change ? 'free'", (&rows("change->'free'", "r", &claims), "r.kind"), &taken);
    let _ = writeln!(
        text,
        "    IF change ? 'sets' THEN\n        \
         PERFORM pg_advisory_xact_lock((l->>0)::int, (l->>1)::int) FROM jsonb_array_elements(change->'set_locks') AS l;\n        \
         FOR asked IN SELECT * FROM jsonb_to_recordset(change->'sets') AS s(query text, wanted text[], seen uuid[]) LOOP\n            \
         EXECUTE asked.query INTO members USING organization, asked.wanted;\n            \
         IF members <> asked.seen THEN\n                RETURN FALSE;\n            END IF;\n        END LOOP;\n    END IF;"
    );
    text.push_str("    RETURN TRUE;\n");
    function(
        dialect,
        "holds",
        "RETURNS boolean",
        "part jsonb;\n    e record;\n    asked record;\n    members uuid[];",
        &text,
    )
}

fn write(dialect: &Postgres) -> String {
    let mut text = String::from("    written := 0;\n");
    let numbers = dialect.table("event_number_seq");
    let _ = writeln!(
        text,
        "    IF change ? 'mark' AND current_setting('{MARKED}', TRUE) IS DISTINCT FROM change->>'mark' THEN\n        \
         PERFORM pg_advisory_xact_lock_shared((change->>'mark')::int, ((n.last_value << 32) >> 32)::int) FROM {numbers} AS n;\n        \
         PERFORM set_config('{MARKED}', change->>'mark', TRUE);\n    END IF;"
    );
    for kind in in_order_of_references() {
        let (name, json) = (kind.name(), format!("change->'{}'->'new'", kind.name()));
        let statement = insert(dialect, name, &json, &columns(dialect, kind));
        write_if(&mut text, &has(&format!("change->'{name}'"), "new"), &statement);
    }
    for kind in Kind::ALL {
        let (name, json) = (kind.name(), format!("change->'{}'->'old'", kind.name()));
        let columns = columns(dialect, *kind);
        let set = columns.iter().filter(|(name, _)| name != "id");
        let set: Vec<String> = set
            .map(|(name, of)| format!("\"{name}\" = {}", written(&format!("e.\"{name}\""), *of)))
            .collect();
        let update = format!(
            "UPDATE {} AS t SET {}\n                WHERE t.organization_id = organization AND t.id = e.id",
            dialect.table(name),
            set.join(", ")
        );
        write_each(
            &mut text,
            &has(&format!("change->'{name}'"), "old"),
            (&rows(&json, "r", &columns), "r.id"),
            &update,
        );
    }
    write_claims(dialect, &mut text);
    write_answer(dialect, &mut text);
    let statement = insert(dialect, entry::TABLE, "change->'ledger'", &owned(entry::COLUMNS));
    write_if(&mut text, &has("change", "ledger"), &statement);
    let statement = insert(dialect, entry::EVENTS, "change->'event'", &owned(entry::EVENT_COLUMNS));
    let numbered = statement.replace(
        "jsonb_to_recordset(change->'event') AS v(",
        "ROWS FROM (jsonb_to_recordset(change->'event') AS (",
    );
    let names: Vec<String> = entry::EVENT_COLUMNS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let numbered =
        format!("{numbered}) WITH ORDINALITY AS v({}, place)\n        ORDER BY v.place", names.join(", "));
    write_if(&mut text, &has("change", "event"), &numbered);
    let _ = writeln!(
        text,
        "    INSERT INTO {} (organization_id, id) VALUES (organization, (change->>'command')::uuid);\n    \
         RETURN written + 1;",
        dialect.table(COMMANDS)
    );
    function(
        dialect,
        "write",
        "RETURNS bigint",
        "part jsonb;\n    e record;\n    counted bigint;\n    written bigint;",
        &text,
    )
}

fn write_claims(dialect: &Postgres, text: &mut String) {
    let (table, claims) = (dialect.table(CLAIMS), owned(CLAIM_COLUMNS));
    let from = |name: &str| rows(&format!("change->'{name}'"), "r", &claims);
    let gone = format!("DELETE FROM {table} AS c WHERE {CLAIM}");
    write_each(text, &has("change", "gone"), (&from("gone"), "r.kind"), &gone);
    let moved = format!("UPDATE {table} AS c SET holder = e.holder WHERE {CLAIM}");
    write_each(text, &has("change", "moved"), (&from("moved"), "r.kind"), &moved);
    write_if(text, &has("change", "taken"), &insert(dialect, CLAIMS, "change->'taken'", &claims));
}

fn write_answer(dialect: &Postgres, text: &mut String) {
    let table = dialect.table(REMEMBERED);
    let json = "jsonb_build_array(change->'remembered')";
    let _ = writeln!(text, "    part := change->'remembered';");
    let new = insert(dialect, REMEMBERED, json, &owned(&answer_columns()));
    write_if(text, "part IS NOT NULL AND NOT part ? 'old_at'", &new);
    let set: Vec<String> =
        ANSWER_COLUMNS.iter().map(|(name, of)| format!("\"{name}\" = {}", cell(name, *of))).collect();
    let old = format!(
        "UPDATE {table} AS r SET {}\n        FROM {}\n        \
         WHERE r.organization_id = organization AND r.actor = v.actor AND r.operation = v.operation AND r.key = v.key",
        set.join(", "),
        rows(json, "v", &owned(&answer_columns()))
    );
    write_if(text, "part ? 'old_at'", &old);
}

fn function(dialect: &Postgres, name: &str, returns: &str, declared: &str, body: &str) -> String {
    format!(
        "CREATE FUNCTION {}(organization uuid, change jsonb) {returns}\nLANGUAGE plpgsql VOLATILE AS $$\nDECLARE\n    \
         {declared}\nBEGIN\n{body}END\n$$;\n\n",
        dialect.table(name)
    )
}

fn commit(dialect: &Postgres) -> String {
    let [commit, holds, write] = ["commit", "holds", "write"].map(|name| dialect.table(name));
    format!(
        "CREATE FUNCTION {commit}(organization uuid, change jsonb,\n    \
         OUT ok boolean, OUT written bigint, OUT blind boolean)\nLANGUAGE plpgsql VOLATILE AS $$\n\
         BEGIN\n    \
         PERFORM set_config('crm.organization_id', organization::text, TRUE);\n    \
         PERFORM set_config('crm.user_id', '', TRUE);\n    \
         written := 0;\n    \
         blind := change ? 'sets' AND current_setting('transaction_isolation') = 'repeatable read';\n    \
         ok := {holds}(organization, change);\n    \
         IF NOT ok THEN\n        RETURN;\n    END IF;\n    \
         IF (change->>'joins')::boolean THEN\n        \
         BEGIN\n            written := {write}(organization, change);\n        \
         EXCEPTION WHEN unique_violation THEN\n            ok := FALSE;\n        END;\n    \
         ELSE\n        written := {write}(organization, change);\n    END IF;\nEND\n$$;\n"
    )
}

#[test]
fn the_functions_are_what_the_fields_demand() {
    let dialect = Postgres::new(super::SCHEMA_MARK);
    let head = "-- A commit as a function: it locks and looks, then writes. It says first which organisation it is about.\n";
    let text = format!("{head}{}{}{}", holds(&dialect), write(&dialect), commit(&dialect));
    crate::schema::held_against("postgres/0003_commit.sql", &text);
}
