//! Tests of the reading of numbers: tables of what people write, and properties over the rest.
//!
//! Beside the code and not in it only for the length of the file.
//!
//! Invariant: a refusal is an error and never a zero.

use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Result<String, &'static str> {
    Number::parse(text).map(|number| number.to_string()).map_err(|problem| match problem {
        Problem::OutOfRange { .. } => "range",
        _ => "form",
    })
}

#[test]
fn numbers_are_read_exactly() {
    for (text, value) in [
        ("0", "0"),
        ("-0.00", "0.00"),
        (" +7 ", "7"),
        ("007", "7"),
        ("1.50", "1.50"),
        ("-12.345", "-12.345"),
        ("1e3", "1000"),
        ("1.5E+2", "150"),
        ("1e-7", "0.0000001"),
        ("0e999999999999", "0"),
        ("79228162514264337593543950335", "79228162514264337593543950335"),
        ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
        ("10e-29", "0.0000000000000000000000000001"),
    ] {
        assert_eq!(number(text).as_deref(), Ok(value), "{text}");
    }
    assert_eq!(number(&format!("1.{}", "0".repeat(99))).as_deref(), Ok("1"));
}

#[test]
fn text_that_is_no_number_is_refused() {
    for text in [
        "",
        " ",
        "-",
        "+",
        ".",
        "1.",
        ".5",
        "1e",
        "e5",
        "1e+",
        "--1",
        "+-1",
        "1_000",
        "1 000",
        "1,5",
        "0x10",
        "NaN",
        "inf",
        "-Infinity",
        "١٢",
        "１２",
        "1.2.3",
        "1e2.5",
        "1e1e1",
        "true",
        "1\0",
        "$1",
    ] {
        assert_eq!(number(text), Err("form"), "{text:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_never_rounded() {
    for text in [
        "79228162514264337593543950336",
        "1e29",
        "1e999999999999999999999",
        "1e-29",
        "1e-999999999999999999999",
        "0.12345678901234567890123456789",
    ] {
        assert_eq!(number(text), Err("range"), "{text}");
    }
    assert_eq!(number(&"9".repeat(100_000)), Err("range"));
}

#[test]
fn json_numbers_and_texts_are_read() {
    for (json, value) in [
        ("0.1", "0.1"),
        ("1234567890123.45", "1234567890123.45"),
        ("-5", "-5"),
        ("18446744073709551615", "18446744073709551615"),
        ("1e-7", "0.0000001"),
        ("1e3", "1000"),
        ("\"12.50\"", "12.50"),
    ] {
        let read: Number = serde_json::from_str(json).unwrap();
        assert_eq!(Ok(read), Number::parse(value), "{json}");
    }
    for json in ["true", "null", "[]", "{}", "\"\"", "\"true\"", "1e300", "\"NaN\""] {
        assert!(serde_json::from_str::<Number>(json).is_err(), "{json}");
    }
}

#[test]
fn floats_too_large_for_hundredths_are_refused() {
    assert!(serde_json::from_str::<Number>("9999999999999.99").is_ok());
    for json in ["10000000000000.01", "99999999999999.99", "-1e13"] {
        let refused = serde_json::from_str::<Number>(json).unwrap_err();
        assert!(refused.to_string().starts_with("must be below 10^13, or decimal text"), "{refused}");
        assert!(serde_json::from_str::<Number>(&format!("\"{json}\"")).is_ok());
    }
    assert!(serde_json::from_str::<Number>("10000000000000").is_ok());
}

#[test]
fn floats_that_are_no_number_are_refused() {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, F64Deserializer};
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let from: F64Deserializer<Error> = float.into_deserializer();
        assert!(Number::deserialize(from).is_err());
    }
}

#[test]
fn money_as_people_write_it() {
    for (text, value) in [
        ("0", "0"),
        ("1234.50", "1234.50"),
        ("1234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1\u{a0}234\u{202f}567,8", "1234567.8"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.234.567,89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("1 234,500", "1234.500"),
        ("1234,567", "1234.567"),
        ("0,125", "0.125"),
        ("-1 234,50", "-1234.50"),
        ("\u{2212}5", "-5"),
        ("+5", "5"),
        ("  12 \n", "12"),
    ] {
        assert_eq!(parse_money_text(text).map(|value| value.to_string()).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn money_with_two_readings_or_none_is_refused() {
    for text in [
        "",
        "-",
        ",",
        ".",
        "1,",
        "1.",
        ",5",
        ".5",
        "1,234",
        "1.234",
        "-999.999",
        "1.234.5",
        "1,234,56",
        "12 34",
        "1 2345",
        "1234 567",
        "1  234",
        "0 123",
        "01 234",
        "1 234 ,5",
        "1, 234",
        "1.234 567",
        "1,234 567.8",
        "1 234,567.8",
        "1.234,567.8",
        "1,23.4",
        "1234,567.8",
        "- 5",
        "--5",
        "5-",
        "1e3",
        "5 $",
        "USD 5",
        "1'234",
        "x",
        "NaN",
        "١",
        "1 234,5 6",
        "1,,5",
    ] {
        assert!(parse_money_text(text).is_err(), "{text:?} is {:?}", parse_money_text(text));
    }
}

proptest! {
    #[test]
    fn zero_comes_only_from_zero(text in "[-+]?[0-9 ,.eEx]{0,14}") {
        let has_digit = text.contains(|char: char| ('1'..='9').contains(&char));
        for value in [Number::parse(&text).map(|number| number.0), parse_money_text(&text)] {
            let mantissa = text.split(['e', 'E']).next().unwrap();
            let nonzero = mantissa.contains(|char: char| ('1'..='9').contains(&char));
            if let Ok(value) = value {
                prop_assert_eq!(value.is_zero(), !nonzero);
                prop_assert!(!nonzero || has_digit);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Number::parse(&text);
        let _ = parse_money_text(&text);
    }

    #[test]
    fn decimals_survive_text_and_json(units in any::<i128>(), scale in 0_u32..=28) {
        let units = units % (1 << 96);
        let number = Number(Decimal::try_from_i128_with_scale(units, scale).unwrap());
        prop_assert_eq!(Number::parse(&number.to_string()), Ok(number));
        let json = serde_json::to_string(&number).unwrap();
        prop_assert_eq!(serde_json::from_str::<Number>(&json).unwrap(), number);
    }

    #[test]
    fn json_numbers_with_two_decimals_are_exact(cents in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let text = Decimal::new(cents, 2).to_string();
        let number: Number = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(number.0, Decimal::new(cents, 2));
    }

    #[test]
    fn groups_and_marks_do_not_change_an_amount(cents in any::<i64>(), group in "[ \u{a0}\u{202f}]") {
        let plain = Decimal::new(cents, 2).to_string();
        let (whole, fraction) = plain.split_once('.').unwrap();
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push_str(&group);
            }
            grouped.push(digit);
        }
        for mark in [',', '.'] {
            let written = format!("{sign}{grouped}{mark}{fraction}");
            prop_assert_eq!(parse_money_text(&written), Ok(Decimal::new(cents, 2)));
        }
    }
}
