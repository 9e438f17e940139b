//! What a caller could send: awkward texts, numbers at the edge, values of the wrong type.
//!
//! Invariant: every generator here can produce both what is accepted and what is refused.

use crm_core::describe::FieldKind;
use proptest::prelude::*;
use serde_json::{Value as Document, json};

/// Pieces of text on which text handling breaks: NUL, Cyrillic, combining marks, full width, right to left, emoji,
/// letters whose case changes their length, separators, quotes and wildcards.
const PIECES: &[&str] = &[
    "\0",
    "Ёлка",
    "ёЛКА",
    "е\u{301}",
    "é",
    "e\u{301}",
    "Ａｃｍｅ",
    "שלום",
    "\u{202e}gnp.exe",
    "👩‍👩‍👧",
    "🇺🇿",
    "İ",
    "ı",
    "ß",
    "ẞ",
    "ﬁ",
    "Σίσυφος",
    "ς",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\t",
    "\r\n",
    "'; --",
    "\"",
    "\\",
    "%",
    "_",
    "<b>",
    "{title}",
    "a",
    "Z",
    " ",
    "",
];

/// Texts of any kind: plain, awkward, and with lengths around a bound.
pub fn texts(min: u32, max: u32) -> BoxedStrategy<String> {
    let edge = move |char: char, length: u32| char.to_string().repeat(length as usize);
    let most = max.min(2_000);
    let lengths = prop::sample::select(vec![
        0,
        min.saturating_sub(1),
        min,
        1,
        most.saturating_sub(1),
        most,
        most.saturating_add(1),
    ]);
    prop_oneof![
        4 => "[A-Za-z][A-Za-z0-9 ]{0,12}",
        3 => prop::collection::vec(prop::sample::select(PIECES), 1..5).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
        1 => (prop::sample::select(vec!['a', 'я', '漢', '😀']), lengths)
            .prop_map(move |(char, length)| edge(char, length)),
    ]
    .boxed()
}

/// Numbers as texts: ordinary amounts, many digits, exponents, signs, and what is no number.
pub fn decimals() -> BoxedStrategy<String> {
    let odd = [
        "0",
        "-0",
        "0.00",
        "-0.01",
        "0.005",
        "1.005",
        "999999999999999.99",
        "1000000000000000",
        "9999999999.99",
        "10000000000",
        "79228162514264337593543950335",
        "79228162514264337593543950336",
        "0.0000000000000000000000000001",
        "1e3",
        "1e-30",
        "1e400",
        "NaN",
        "١٢",
        "1,5",
        "",
    ];
    prop_oneof![
        4 => (0_u32..100_000, 0_u32..100).prop_map(|(whole, cents)| format!("{whole}.{cents:02}")),
        2 => prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        1 => "-?[0-9]{1,31}(\\.[0-9]{1,31})?",
    ]
    .boxed()
}

/// What a caller can send for a field of this kind, in JSON: what fits, what almost fits, and values of another type.
pub fn inputs(kind: FieldKind) -> BoxedStrategy<Document> {
    let text = |strategy: BoxedStrategy<String>| strategy.prop_map(Document::from).boxed();
    let of = |all: &[&'static str]| prop::sample::select(all.to_vec()).prop_map(Document::from).boxed();
    let fits = match kind {
        FieldKind::Text { min, max } => text(texts(min, max)),
        FieldKind::Word => text(prop_oneof!["[a-zA-Z][a-z0-9_ -]{0,45}", texts(1, 40)].boxed()),
        FieldKind::Email => text(
            prop_oneof![
                "[a-zA-Z0-9.+]{1,66}@[a-zA-Z-]{1,10}\\.[a-z]{1,4}",
                texts(1, 64).prop_map(|local| format!("{local}@example.com")),
                texts(1, 63).prop_map(|host| format!("a@{host}.com")),
                texts(1, 255),
            ]
            .boxed(),
        ),
        FieldKind::Phone => text(prop_oneof!["[+0-9() -]{1,52}", texts(1, 50)].boxed()),
        FieldKind::Decimal => prop_oneof![
            decimals().prop_map(Document::from),
            any::<i64>().prop_map(Document::from),
            any::<f64>().prop_map(|number| json!(number)),
        ]
        .boxed(),
        FieldKind::Currency => of(&["USD", "usd", " EUR ", "XXX", "US", "U\u{421}D", "USDD", ""]),
        FieldKind::Zone => {
            of(&["UTC", "Europe/Vienna", "Asia/Tashkent", "europe/vienna", "Mars/Olympus", ""])
        }
        FieldKind::Bool => any::<bool>().prop_map(Document::from).boxed(),
        FieldKind::Whole => any::<i64>().prop_map(Document::from).boxed(),
        FieldKind::Percent => prop_oneof![-1_i64..=101, any::<i64>()].prop_map(Document::from).boxed(),
        FieldKind::Instant => of(&[
            "2026-03-01T09:00:00Z",
            "2026-03-01T09:00:00.123456789+05:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "2026-03-01T09:00:00",
            "2016-12-31T23:59:60Z",
            "yesterday",
        ]),
        FieldKind::Date => {
            of(&["2026-03-01", "2024-02-29", "2026-02-29", "0001-01-01", "9999-12-31", "10000-01-01", "1.3."])
        }
        FieldKind::Command | FieldKind::Reference(_) => prop_oneof![
            any::<u128>().prop_map(|id| Document::from(crm_core::value::Uuid::from_u128(id).to_string())),
            of(&["00000000-0000-0000-0000-000000000000", "not-an-id", ""]),
        ]
        .boxed(),
        FieldKind::Json => documents(),
    };
    prop_oneof![8 => fits, 1 => Just(Document::Null), 1 => documents()].boxed()
}

/// Small JSON documents of any shape.
fn documents() -> BoxedStrategy<Document> {
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::from),
        any::<i64>().prop_map(Document::from),
        texts(0, 40).prop_map(Document::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Document::from),
            prop::collection::btree_map(texts(0, 10), inner, 0..4)
                .prop_map(|entries| Document::Object(entries.into_iter().collect())),
        ]
    })
    .boxed()
}
