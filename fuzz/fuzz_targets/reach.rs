//! Telephone numbers and e-mail addresses from text: what is kept reads again as itself and can be searched.

#![no_main]

use crm_core::value::{Email, Line, Phone, Word, normal, phone_digits};
use crm_fuzz::comes_back_from_json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let form = normal(text);
    assert_eq!(normal(&form), form, "the normal form is its own");
    if let Ok(email) = Email::parse(text) {
        email_is_one(text, &email);
    }
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!(Phone::parse(phone.as_str()), Ok(phone.clone()));
        assert_eq!(phone.as_str(), text.trim());
        assert!(phone.digits().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(phone.digits(), phone_digits(&phone.digits()));
        comes_back_from_json(&phone);
    }
    if let Ok(line) = Line::parse(text) {
        assert!(!line.as_str().contains('\0') && (1..=255).contains(&line.as_str().chars().count()));
        comes_back_from_json(&line);
    }
    if let Ok(word) = Word::parse(text) {
        assert_eq!(Word::parse(&word.as_str().to_uppercase()), Ok(word.clone()));
        comes_back_from_json(&word);
    }
});

fn email_is_one(text: &str, email: &Email) {
    let kept = email.as_str();
    assert_eq!(Email::parse(kept).as_ref(), Ok(email), "{text:?}");
    comes_back_from_json(email);
    assert!(!kept.contains(|char: char| char.is_whitespace() || char.is_control()), "{kept:?}");
    let (local, domain) = kept.split_once('@').expect("an address has an `@`");
    assert!(!local.is_empty() && domain.contains('.') && !domain.contains('@'), "{kept}");
    assert!(text.trim().starts_with(local), "the local part is kept as written");
    // Who registers twice with other letters in the domain is still one person.
    let shouted = format!("{local}@{}", domain.to_uppercase());
    if let Ok(shouted) = Email::parse(&shouted) {
        assert_eq!(shouted.normal(), email.normal(), "{kept}");
    }
    if let Ok(again) = Email::parse(&email.normal()) {
        assert_eq!(again.normal(), email.normal(), "{kept}");
    }
}
