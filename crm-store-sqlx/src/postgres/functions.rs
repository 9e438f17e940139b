//! The functions that commit, as the tables of fields demand them; the migration is held against this.
//!
//! `holds` locks and looks, `write` writes, `commit` does both, in a statement each: what `holds` looks at after a lock
//! was waited for is as it is then. Rows come as JSON, and their columns by name.
//!
//! Invariant: kinds are locked in the canonical order, and written in an order in which what a row refers to is there
//! before it.

use std::fmt::Write as _;

use crm_core::describe::{FieldKind, Kind};

use super::dialect::{Postgres, element, written};
use super::work::{CLAIM_COLUMNS, answer_columns};
use crate::dialect::Dialect;
use crate::entry;
use crate::load::{ANSWER_COLUMNS, CLAIMS, COMMANDS, REMEMBERED};
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
        let _ = writeln!(text, "    part := change->'{name}';\n    IF part ? 'present' THEN");
        let mut keyword = "IF";
        for strength in ["KEY SHARE", "SHARE", "NO KEY UPDATE", "UPDATE"] {
            let _ = writeln!(
                text,
                "        {keyword} part->>'strength' = '{strength}' THEN\n            \
                 PERFORM 1 FROM {table} AS t JOIN {} ON t.id = e.id\n            \
                 WHERE t.organization_id = organization\n            \
                 AND CASE WHEN e.version IS NULL THEN t.deleted_at IS NULL ELSE t.version = e.version END\n            \
                 ORDER BY t.id FOR {strength} OF t;",
                rows("part->'present'", "e", &present)
            );
            keyword = "ELSIF";
        }
        let _ = writeln!(
            text,
            "        END IF;\n        GET DIAGNOSTICS counted = ROW_COUNT;\n        \
             IF counted <> jsonb_array_length(part->'present') THEN\n            RETURN FALSE;\n        END IF;\n    END IF;"
        );
    }
}

fn refuse_if(text: &mut String, condition: &str) {
    let _ = writeln!(text, "    IF {condition} THEN\n        RETURN FALSE;\n    END IF;");
}

fn holds(dialect: &Postgres) -> String {
    let mut text = String::new();
    locks(dialect, &mut text);
    let claims = owned(CLAIM_COLUMNS);
    let (table, matching) =
        (dialect.table(CLAIMS), "c.kind = e.kind AND c.field = e.field AND c.value = e.value");
    let _ = writeln!(
        text,
        "    IF change ? 'held' THEN\n        \
         PERFORM 1 FROM {table} AS c JOIN {} ON {matching}\n        \
         WHERE c.organization_id = organization AND c.holder = e.holder\n        \
         ORDER BY c.kind, c.field, c.value FOR UPDATE OF c;\n        \
         GET DIAGNOSTICS counted = ROW_COUNT;\n        \
         IF counted <> jsonb_array_length(change->'held') THEN\n            RETURN FALSE;\n        END IF;\n    END IF;",
        rows("change->'held'", "e", &claims)
    );
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
        refuse_if(
            &mut text,
            &format!(
                "change->'{name}' ? 'absent' AND EXISTS (\n        SELECT 1 FROM {table} AS t \
                 JOIN jsonb_array_elements_text(change->'{name}'->'absent') AS e(id) ON t.id = e.id::uuid\n        \
                 WHERE t.organization_id = organization)"
            ),
        );
    }
    refuse_if(
        &mut text,
        &format!(
            "change ? 'free' AND EXISTS (\n        SELECT 1 FROM {table} AS c JOIN {} ON {matching}\n        \
             WHERE c.organization_id = organization)",
            rows("change->'free'", "e", &claims)
        ),
    );
    let _ = writeln!(
        text,
        "    IF change ? 'sets' THEN\n        \
         PERFORM pg_advisory_xact_lock((l->>0)::int, (l->>1)::int) FROM jsonb_array_elements(change->'set_locks') AS l;\n        \
         FOR asked IN SELECT * FROM jsonb_to_recordset(change->'sets') AS s(query text, wanted text[], seen uuid[]) LOOP\n            \
         EXECUTE asked.query INTO members USING organization, asked.wanted;\n            \
         IF members <> asked.seen THEN\n                RETURN FALSE;\n            END IF;\n        END LOOP;\n    END IF;"
    );
    let commands = dialect.table(COMMANDS);
    refuse_if(
        &mut text,
        &format!(
            "(change->>'joins')::boolean AND EXISTS (\n        SELECT 1 FROM {commands} AS c\n        \
             WHERE c.organization_id = organization AND c.id = (change->>'command')::uuid)"
        ),
    );
    text.push_str("    RETURN TRUE;\n");
    function(
        dialect,
        "holds",
        "RETURNS boolean",
        "part jsonb;\n    counted bigint;\n    asked record;\n    members uuid[];",
        &text,
    )
}

fn write(dialect: &Postgres) -> String {
    let mut text = String::from("    written := 0;\n");
    let numbers = dialect.table("event_number_seq");
    let _ = writeln!(
        text,
        "    IF change ? 'mark' THEN\n        \
         PERFORM pg_advisory_xact_lock_shared((change->>'mark')::int, ((n.last_value << 32) >> 32)::int) FROM {numbers} AS n;\n    \
         END IF;"
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
        let set: Vec<String> = set.map(|(name, of)| format!("\"{name}\" = {}", cell(name, *of))).collect();
        let statement = format!(
            "UPDATE {} AS t SET {}\n        FROM {}\n        WHERE t.organization_id = organization AND t.id = v.id",
            dialect.table(name),
            set.join(", "),
            rows(&json, "v", &columns)
        );
        write_if(&mut text, &has(&format!("change->'{name}'"), "old"), &statement);
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
        "part jsonb;\n    counted bigint;\n    written bigint;",
        &text,
    )
}

fn write_claims(dialect: &Postgres, text: &mut String) {
    let (table, claims) = (dialect.table(CLAIMS), owned(CLAIM_COLUMNS));
    let matching =
        "c.organization_id = organization AND c.kind = e.kind AND c.field = e.field AND c.value = e.value";
    let from = |name: &str| rows(&format!("change->'{name}'"), "e", &claims);
    let gone = format!("DELETE FROM {table} AS c USING {}\n        WHERE {matching}", from("gone"));
    write_if(text, &has("change", "gone"), &gone);
    let moved =
        format!("UPDATE {table} AS c SET holder = e.holder FROM {}\n        WHERE {matching}", from("moved"));
    write_if(text, &has("change", "moved"), &moved);
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
    // Keys lead to the rows, also where a plan was made while the tables were small.
    format!(
        "CREATE FUNCTION {}(organization uuid, change jsonb) {returns}\nLANGUAGE plpgsql VOLATILE\n\
         SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$\nDECLARE\n    {declared}\n\
         BEGIN\n{body}END\n$$;\n\n",
        dialect.table(name)
    )
}

fn commit(dialect: &Postgres) -> String {
    let [commit, holds, write] = ["commit", "holds", "write"].map(|name| dialect.table(name));
    format!(
        "CREATE FUNCTION {commit}(organization uuid, change jsonb,\n    \
         OUT ok boolean, OUT written bigint, OUT blind boolean, OUT taken boolean)\nLANGUAGE plpgsql VOLATILE AS $$\n\
         BEGIN\n    \
         PERFORM set_config('crm.organization_id', organization::text, TRUE);\n    \
         written := 0;\n    taken := FALSE;\n    \
         blind := change ? 'sets' AND current_setting('transaction_isolation') = 'repeatable read';\n    \
         ok := {holds}(organization, change);\n    \
         IF NOT ok THEN\n        RETURN;\n    END IF;\n    \
         IF (change->>'keeps')::boolean THEN\n        \
         BEGIN\n            written := {write}(organization, change);\n        \
         EXCEPTION WHEN unique_violation THEN\n            ok := FALSE;\n            taken := TRUE;\n        END;\n    \
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
