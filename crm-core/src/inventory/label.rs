//! The canonical form of labels: of complexes, blocks and units.
//!
//! Invariant: two labels are one exactly where their canonical forms are equal; nothing in the engine compares them
//! otherwise, and nothing takes a label for one that it is not.

use crate::error::Error;
use crate::value::{ComplexId, Decimal, Problem, Text, normal};

/// The kept text by which a record is known.
pub(crate) type Identity = Text<1, 200>;

/// The word for a block, as people here write it. The last spelling stands for all.
const BLOCK: [&str; 3] = ["блок", "blok", "block"];

/// Cyrillic letters, and the Latin ones that look like them when both are capitals.
const LOOK_ALIKES: [(char, char); 16] = [
    ('а', 'a'),
    ('в', 'b'),
    ('е', 'e'),
    ('ё', 'ë'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('т', 't'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
];

/// The form in which labels are compared. The rule, in this order:
///
/// 1. Signs for "number" (`№`, `#`) say nothing.
/// 2. Letter case and compatibility forms make no difference, as everywhere.
/// 3. A Cyrillic letter that looks like a Latin one as a capital is that letter: `В` is `B`, `Р` is `P`.
/// 4. "Блок", "blok" and "block" at the beginning are one word. A label without it is another label.
/// 5. White space, hyphens, dashes and underscores say nothing, except between two digits, where they are one hyphen:
///    `1-1` is `1 1`, and is not `11`.
///
/// Everything else counts: other signs, zeros at the beginning, the order.
pub(crate) fn canonical(label: &str) -> String {
    let shape = shape(&normal(&label.replace(['№', '#', '＃'], " ")));
    let word = BLOCK.iter().find_map(|word| shape.strip_prefix(self::shape(word).as_str()));
    let shape = match (word, BLOCK.last()) {
        (Some(rest), Some(word)) => format!("{word}{rest}"),
        _ => shape,
    };
    let mut form = String::with_capacity(shape.len());
    let mut parted = false;
    for char in shape.chars() {
        if is_separator(char) {
            parted = true;
            continue;
        }
        if parted && char.is_numeric() && form.ends_with(char::is_numeric) {
            form.push('-');
        }
        parted = false;
        form.push(char);
    }
    form
}

fn shape(text: &str) -> String {
    let latin = |char| LOOK_ALIKES.iter().find(|(from, _)| *from == char).map_or(char, |(_, to)| *to);
    text.chars().map(latin).collect()
}

fn is_separator(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '-' | '_' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2010}'..='\u{2015}')
        || matches!(char, '\u{2043}' | '\u{2212}' | '\u{feff}')
}

/// The canonical form of a label that somebody wrote into a field.
fn part(field: &str, label: &str) -> Result<String, Error> {
    let form = canonical(label);
    if form.contains(char::is_alphanumeric) {
        Ok(form)
    } else {
        Err(Error::field(field, Problem::malformed("a label with a letter or a digit")))
    }
}

/// By what a complex is known.
pub(crate) fn of_complex(name: &str) -> Result<Identity, Error> {
    Identity::parse(&part("name", name)?).map_err(|problem| Error::field("name", problem))
}

/// By what a unit is known. No canonical label holds white space, so the parts cannot run into each other.
pub(crate) fn of_unit(complex: ComplexId, block: &str, floor: i64, number: &str) -> Result<Identity, Error> {
    let (block, number) = (part("block", block)?, part("number", number)?);
    Identity::parse(&format!("{complex} {floor} {block} {number}"))
        .map_err(|problem| Error::field("block", problem))
}

/// By what a price is known.
pub(crate) fn of_price(complex: ComplexId, floor: i64, share: Decimal) -> Result<Identity, Error> {
    Identity::parse(&format!("{complex} {floor} {}", share.normalize()))
        .map_err(|problem| Error::field("share", problem))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_that_are_one() {
        for same in [
            &[
                "Блок 1",
                "Блок-1",
                "блок1",
                "БЛОК — 1",
                "block 1",
                "Blok-1",
                "Блок №1",
                " Блок  # 1 ",
                "Блок_1",
            ][..],
            &["А", "A", "а", "a"],
            &["В-2", "B2", "в 2", "b–2"],
            &["РОСТ", "POCT"],
            &["Блок А", "БлокA", "block-a", "BLOK а"],
            &["1-1", "1 1", "1 – 1", "1\u{2212}1"],
            &["1А", "1-A", "1 а"],
            &["Ёлка", "Ëлка"],
            &["１２", "12"],
        ] {
            for label in same {
                assert_eq!(canonical(label), canonical(same[0]), "{label} and {}", same[0]);
            }
        }
    }

    #[test]
    fn labels_that_are_not_one() {
        for (one, other) in [
            ("1-1", "11"),
            ("1 1", "11"),
            ("1", "01"),
            ("Блок 1", "1"),
            ("Блок 1", "Блок 11"),
            ("Блок 1", "Корпус 1"),
            ("Б", "В"),
            ("Б", "B"),
            ("З", "3"),
            ("О", "0"),
            ("Г", "R"),
            ("1/1", "1-1"),
            ("1.1", "11"),
            ("A1", "1A"),
            ("Ё", "Е"),
            ("И", "Й"),
        ] {
            assert_ne!(canonical(one), canonical(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_label_says_something() {
        let complex = ComplexId::from_uuid(crate::value::Uuid::nil());
        for (block, number, field) in [("--", "1", "block"), ("1", "№", "number"), ("1", "«»", "number")]
        {
            let refused = of_unit(complex, block, 1, number).unwrap_err();
            assert_eq!(refused.details()["fields"][0]["field"], field);
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let complex = ComplexId::from_uuid(crate::value::Uuid::nil());
        let identity = |block, floor, number| of_unit(complex, block, floor, number).unwrap();
        assert_ne!(identity("1", 1, "2 3"), identity("1 2", 1, "3"));
        assert_ne!(identity("A", 11, "1"), identity("A1", 1, "1"));
        let price = |share: &str| of_price(complex, 3, share.parse().unwrap()).unwrap();
        assert_eq!(price("0.70"), price("0.7"));
        assert_ne!(price("0.71"), price("0.7"));
    }

    proptest! {
        #[test]
        fn case_and_separators_make_no_difference(word in "[а-яa-z]{1,8}", number in 0_u32..999) {
            let plain = canonical(&format!("{word}{number}"));
            for text in [format!("{word} {number}"), format!("{word}-{number}").to_uppercase(), format!(" {word}—{number} ")] {
                prop_assert_eq!(canonical(&text), plain.clone());
            }
            prop_assert_eq!(canonical(&plain), plain);
        }

        #[test]
        fn a_form_holds_no_white_space(label in any::<String>()) {
            prop_assert!(!canonical(&label).contains(char::is_whitespace));
        }
    }
}
