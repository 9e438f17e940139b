//! The one normal form of text, for search and for uniqueness.
//!
//! Were it left to each database, `ИВАН` would find `иван` on one of them and not on the other; so it is
//! made here, stored beside the text, and compared byte by byte everywhere.
//!
//! Invariant: `normal(normal(x)) == normal(x)`.

use caseless::default_case_fold_str;
use unicode_normalization::UnicodeNormalization;

/// The form in which texts are compared: trimmed, white space in single spaces, compatibility forms
/// composed (NFKC), letter case folded. It is the same in every language and every place.
///
/// ```
/// use crm_core::value::normal;
///
/// assert_eq!(normal("  ИВАН   Straße "), "иван strasse");
/// assert_eq!(normal("ＡＢＣ"), "abc");
/// ```
#[must_use]
pub fn normal(text: &str) -> String {
    let mut form = folded(text);
    // Folding can make text that composes further, and composing can make text that folds further.
    loop {
        let next = folded(&form);
        if next == form {
            return form;
        }
        form = next;
    }
}

fn folded(text: &str) -> String {
    if text.is_ascii() {
        return single_spaced(&text.to_ascii_lowercase());
    }
    let composed: String = text.nfkc().collect();
    let composed: String = default_case_fold_str(&composed).nfkc().collect();
    single_spaced(&composed)
}

fn single_spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The digits of a telephone number and nothing else, for search.
///
/// ```
/// assert_eq!(crm_core::value::phone_digits("+7 (901) 234-56-78"), "79012345678");
/// ```
#[must_use]
pub fn phone_digits(text: &str) -> String {
    // NFKC first: full-width digits are typed on East Asian keyboards.
    text.nfkc().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_take_for_equal_is_equal() {
        for (a, b) in [
            ("иван", "ИВАН"),
            ("STRASSE", "straße"),
            ("STRASSE", "STRAẞE"),
            ("caf\u{e9}", "CAFE\u{301}"),
            ("ＡＣＭＥ　１２", "acme 12"),
            ("ﬁnal", "FINAL"),
            ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
            ("a\u{a0}b", "a b"),
            ("\ta \r\n b\u{2003}", "A B"),
            ("й", "И\u{306}"),
        ] {
            assert_eq!(normal(a), normal(b), "{a} {b}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (a, b) in [("i", "ı"), ("é", "e"), ("ё", "е"), ("a b", "ab"), ("о", "o")] {
            assert_ne!(normal(a), normal(b), "{a} {b}");
        }
    }

    #[test]
    fn no_language_is_special() {
        assert_eq!(normal("I"), "i");
        assert_eq!(normal("ı"), "ı");
        assert_eq!(normal("İ"), "i\u{307}");
    }

    #[test]
    fn every_character_by_itself_and_beside_a_mark_is_stable() {
        // No character beyond these planes folds or composes.
        for char in '\0'..='\u{2ffff}' {
            let text = format!("{char} a{char}\u{301}{char}\u{345}");
            let once = normal(&text);
            assert_eq!(normal(&once), once, "{text:?}");
        }
    }

    #[test]
    fn digits_and_nothing_else() {
        assert_eq!(phone_digits("ext. ４５, 6 x"), "456");
        assert_eq!(phone_digits("none"), "");
    }

    proptest! {
        #[test]
        fn idempotent(text in any::<String>()) {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }

        #[test]
        fn ascii_takes_the_same_way(text in "[ -~\t\n]{0,40}") {
            let composed: String = text.nfkc().collect();
            prop_assert_eq!(normal(&text), single_spaced(&default_case_fold_str(&composed)));
        }

        #[test]
        fn letter_case_and_form_make_no_difference(text in "[а-яё a-zßéü]{0,20}") {
            prop_assert_eq!(normal(&text.to_uppercase()), normal(&text));
            prop_assert_eq!(normal(&text.nfd().collect::<String>()), normal(&text));
        }
    }
}
