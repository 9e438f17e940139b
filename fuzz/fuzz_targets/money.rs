//! Numbers and amounts from text: what is read has the value that was written, whichever way it was read.

#![no_main]

use crm_core::value::{Currency, Decimal, Money, Number, Problem, parse_money_text};
use crm_fuzz::comes_back_from_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let number = Number::parse(text);
    let amount = parse_money_text(text);
    if let Ok(number) = number {
        number_is_what_was_written(text, number);
    }
    if let Ok(amount) = amount {
        let plain = amount.to_string();
        assert_eq!(parse_money_text(&plain.replace('.', ",")).is_ok(), parse_money_text(&plain).is_ok());
        assert_eq!(Number::parse(&plain), Ok(Number(amount)), "`{text}` was read as `{plain}`");
        let without_zeros = |text: &str| digits(text).trim_matches('0').to_owned();
        assert_eq!(without_zeros(text), without_zeros(&plain), "`{text}` has other digits");
        assert!(
            amount.is_zero() || amount.is_sign_negative() == has_minus(text),
            "`{text}` has another sign"
        );
        let money = Money { amount, currency: Currency::EUR };
        comes_back_from_json(&money);
        comes_back_to_zero(money);
    }
    if is_plain(text) {
        // The one exception: three digits after the mark could be a group, and two readings are none.
        let ambiguous = text.rsplit_once('.').is_some_and(|(whole, fraction)| {
            fraction.len() == 3 && (1..=3).contains(&digits(whole).len()) && !digits(whole).starts_with('0')
        });
        match (parse_money_text(text), ambiguous) {
            (read, false) => assert_eq!(read, Number::parse(text).map(|number| number.0)),
            (read, true) => assert!(matches!(read, Err(Problem::Malformed { .. })), "{text}"),
        }
    }
    if let Ok(read) = serde_json::from_str::<Number>(text) {
        comes_back_from_json(&read);
    }
});

fn number_is_what_was_written(text: &str, number: Number) {
    comes_back_from_json(&number);
    assert_eq!(Number::parse(&number.to_string()), Ok(number));
    let bare: String = text.trim().to_owned();
    if !bare.contains(['e', 'E']) {
        assert_eq!(value_of(&bare), value_of(&number.to_string()), "`{text}` has another value");
    }
    // The same number a thousand times as large has the same digits.
    if let Ok(larger) = Number::parse(&format!("{bare}e3")) {
        assert_eq!(larger.0, number.0 * Decimal::ONE_THOUSAND);
    }
}

fn comes_back_to_zero(money: Money) {
    let nothing = money.checked_sub(money).expect("an amount less itself");
    assert!(nothing.amount.is_zero());
    if let Ok(parts) = money.split(money.amount.scale(), 3) {
        let sum = parts.iter().skip(1).try_fold(parts[0], |sum, part| sum.checked_add(*part));
        assert_eq!(sum.expect("parts have a sum").amount, money.amount);
    }
}

/// The digits before and after the point, without the zeros that change nothing.
fn value_of(text: &str) -> (String, String) {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    (digits(whole).trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn has_minus(text: &str) -> bool {
    text.trim().starts_with(['-', '\u{2212}'])
}

/// An optional minus, digits, and perhaps a point with more digits.
fn is_plain(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        None => is_digits(text),
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
    }
}
