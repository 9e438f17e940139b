//! Records of every kind, made from the tables.
//!
//! Invariant: every record generated here can be stored, whether or not any rule would have let it come about.

use crm_core::describe::{Field, FieldType, Kind, Percent, Record, Value};
use crm_core::value::{Uuid, Word};
use crm_core::{Stage, StageKind, Stages};
use proptest::prelude::*;

use super::value::values;

/// Records of a kind: any values, any id, any version.
pub fn records(kind: Kind) -> BoxedStrategy<Record> {
    let fields: Vec<_> = kind.fields().iter().map(|field| field_values(kind, field)).collect();
    (any::<u128>(), 1_u64..1_000, fields)
        .prop_filter_map("every value fits its field", move |(id, version, values)| {
            Record::from_values(kind, Uuid::from_u128(id), version, &values).ok()
        })
        .boxed()
}

fn field_values(kind: Kind, field: &Field) -> BoxedStrategy<Value> {
    if (kind, field.name) == (Kind::Pipeline, "stages") {
        return stages().prop_map(|stages| Stages(stages).to_value()).boxed();
    }
    values(field.kind, field.required)
}

/// Lists of stages: sound ones, and such as a pipeline must refuse.
pub fn stages() -> BoxedStrategy<Vec<Stage>> {
    let kinds =
        prop::sample::select(vec![StageKind::Open, StageKind::Won, StageKind::Lost, StageKind::Closed]);
    let stage = ("[a-f]{1,2}", kinds, 0_i64..=100, prop::option::of("[a-f]{1,2}"));
    let stage = stage.prop_filter_map("a word", |(key, kind, percent, to)| {
        let to = match to {
            Some(to) => Some(vec![Word::parse(&to).ok()?]),
            None => None,
        };
        let open = Stage::open(Word::parse(&key).ok()?, Percent::new(percent).ok()?);
        Some(Stage { kind, to, ..open })
    });
    prop::collection::vec(stage, 0..5).boxed()
}
