//! An e-mail address, by its syntax only.
//!
//! Whether mail arrives is nothing that a parser can know; so the common form is accepted, also with letters
//! beyond ASCII, and the exotic ones (quoted, with a display name, of an IP address) are not.
//!
//! Invariant: `local@domain` with one `@`, no white space, a domain in lower case with at least one dot.

use std::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::wire::text_form;
use super::{Problem, normal};

const LONGEST: u32 = 255;
const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;

/// An e-mail address; cheap to clone.
///
/// ```
/// use crm_core::value::Email;
///
/// let email = Email::parse(" Ada.Lovelace@Example.COM ")?;
/// assert_eq!(email.as_str(), "Ada.Lovelace@example.com");
/// assert_eq!(email.normal(), "ada.lovelace@example.com");
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(Arc<str>);

impl Email {
    /// Reads an address; its domain is put in lower case, its local part stays as written.
    ///
    /// # Errors
    /// When it is no address of the common form, or longer than 255 characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let malformed = || Problem::malformed("an e-mail address");
        let (local, domain) = text.trim().split_once('@').ok_or_else(malformed)?;
        let domain: String = domain.to_lowercase().nfc().collect();
        if !is_local(local) || !is_domain(&domain) {
            return Err(malformed());
        }
        if local.chars().count() > LONGEST_LOCAL {
            return Err(Problem::malformed("an e-mail address with at most 64 characters before the `@`"));
        }
        let whole = format!("{local}@{domain}");
        if whole.chars().count() > LONGEST as usize {
            return Err(Problem::TooLong { max: LONGEST });
        }
        Ok(Self(whole.into()))
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared.
    #[must_use]
    pub fn normal(&self) -> String {
        normal(&self.0)
    }
}

/// Words of atoms with single dots between them.
fn is_local(local: &str) -> bool {
    local.split('.').all(|word| !word.is_empty() && word.chars().all(is_atom))
}

fn is_atom(char: char) -> bool {
    char.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char)
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.chars().count())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|char| char.is_alphanumeric() || char == '-')
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Email {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

text_form!(Email);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn common_forms_are_read() {
        for (text, read) in [
            ("a@b.co", "a@b.co"),
            ("O'Neil+crm@Sub.Example.ORG", "O'Neil+crm@sub.example.org"),
            ("иван@Почта.РФ", "иван@почта.рф"),
            ("a@xn--80a1acny.xn--p1ai", "a@xn--80a1acny.xn--p1ai"),
            ("a@cafe\u{301}.fr", "a@caf\u{e9}.fr"),
            ("\tx_1@1-2.example\n", "x_1@1-2.example"),
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), read);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a@b@c.co",
            ".a@b.co",
            "a.@b.co",
            "a..b@c.co",
            "a@.b.co",
            "a@b.co.",
            "a@b..co",
            "a@-b.co",
            "a@b-.co",
            "a@b_c.co",
            "a b@c.co",
            "a@b .co",
            "a\0@b.co",
            "a\r\nBcc:x@b.co",
            "\"a b\"@c.co",
            "a@[127.0.0.1]",
            "Ada <a@b.co>",
            "a,b@c.co",
            "a\u{200b}@b.co",
        ] {
            assert_eq!(Email::parse(text), Err(Problem::malformed("an e-mail address")), "{text:?}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let label = "d".repeat(61);
        let domain = format!("{label}.{label}.{label}.co");
        assert_eq!(domain.len(), 188);
        assert!(Email::parse(&format!("{}@{domain}", "a".repeat(64))).is_ok());
        assert_eq!(Email::parse(&format!("{}@b.co", "a".repeat(65))).unwrap_err().code(), "malformed");
        let longer = format!("{}@dd{domain}", "a".repeat(64));
        assert!(Email::parse(&longer).is_ok());
        let too_long = format!("{}@dd.{domain}", "a".repeat(64));
        assert_eq!(too_long.len(), 256);
        assert_eq!(Email::parse(&too_long), Err(Problem::TooLong { max: 255 }));
        assert!(Email::parse(&format!("a@{}.co", "b".repeat(63))).is_ok());
        assert!(Email::parse(&format!("a@{}.co", "b".repeat(64))).is_err());
    }

    proptest! {
        #[test]
        fn what_was_accepted_survives_json(text in "[a-zA-ZА-яİΣ.+-]{1,9}@[a-zA-ZА-яİΣ0-9-]{1,9}\\.[a-zΣ]{1,5}") {
            if let Ok(email) = Email::parse(&text) {
                let json = serde_json::to_string(&email).unwrap();
                prop_assert_eq!(serde_json::from_str::<Email>(&json).unwrap(), email);
            }
        }

        #[test]
        fn nothing_with_space_or_control_is_accepted(text in any::<String>()) {
            let whole = format!("a{text}@b.co");
            if let Ok(email) = Email::parse(&whole) {
                prop_assert!(!email.as_str().contains(|c: char| c.is_whitespace() || c.is_control()));
            }
        }
    }
}
