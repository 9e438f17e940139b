//! The canonical form of a telephone number: what makes two spellings one number.
//!
//! A policy reads the digits of what was typed, and whether a `+` or `00` says that they begin with a country code.
//! Everything else (spaces, brackets, hyphens, words) makes no difference.
//!
//! Invariant: the canonical form of a canonical form is itself, and two spellings of one number have the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::calling_codes::lengths_of;
use super::{Phone, Problem, phone_digits};

/// Most digits of a number with its country code.
const MOST_DIGITS: usize = 15;

/// Which telephone numbers are accepted, and what their canonical form is.
///
/// ```
/// use crm_core::value::{Phone, PhonePolicy};
///
/// let canonical = |policy: &PhonePolicy, text: &str| policy.canonical(&Phone::parse(text)?);
/// assert_eq!(canonical(&PhonePolicy::Uz, "90 123-45-67")?, "+998901234567");
/// assert_eq!(canonical(&PhonePolicy::Ru, "8 (901) 234-56-78")?, "+79012345678");
/// assert_eq!(canonical(&PhonePolicy::Ru, "+7 901 234 56 78")?, "+79012345678");
/// assert!(canonical(&PhonePolicy::Uz, "12345").is_err());
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhonePolicy {
    /// Whatever was typed; its digits are compared.
    #[default]
    Any,
    /// 10 to 15 digits, which are compared as they are.
    Digits,
    /// `+998` and 9 digits.
    Uz,
    /// `+7` and 10 digits; 11 digits with a leading 8 are read as `+7`.
    Ru,
    /// `+`, a country code that there is, and as many digits as numbers have there.
    E164(CallingPlan),
}

/// How international numbers are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallingPlan {
    /// The country code of a number that names none: `"998"`. Without one such a number is refused, unless its digits
    /// begin with a country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What is dialled before a number inside the country and falls away outside; when empty it is `8` for the country
    /// code 7 and `0` elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// The accepted country codes, each with the accepted numbers of digits after it. When empty, those of the world.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub countries: BTreeMap<String, Vec<u8>>,
}

impl PhonePolicy {
    /// The canonical form of a number.
    ///
    /// # Errors
    /// It is none that this policy accepts.
    pub fn canonical(&self, phone: &Phone) -> Result<String, Problem> {
        let typed = Typed::read(phone.as_str());
        match self {
            Self::Any if typed.all.is_empty() => Ok(super::normal(phone.as_str())),
            Self::Any => Ok(typed.all),
            Self::Digits if (10..=MOST_DIGITS).contains(&typed.all.len()) => Ok(typed.all),
            Self::Digits => Err(Problem::malformed("a phone number of 10 to 15 digits")),
            Self::Uz => one_country(&typed, "998", 9, None),
            Self::Ru => one_country(&typed, "7", 10, Some('8')),
            Self::E164(plan) => plan.canonical(&typed),
        }
    }

    /// The form by which a number is compared, also where the policy refuses it: its digits, or else its text.
    #[must_use]
    pub fn key(&self, phone: &Phone) -> String {
        let loose = || Self::Any.canonical(phone).unwrap_or_default();
        self.canonical(phone).unwrap_or_else(|_| loose())
    }

    /// What is wrong with the policy itself.
    pub(crate) fn fault(&self) -> Option<String> {
        let Self::E164(plan) = self else { return None };
        let is_code =
            |code: &str| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(code) = plan.countries.keys().find(|code| !is_code(code)) {
            return Some(format!("`{code}` is no country code of 1 to 3 digits"));
        }
        if plan
            .countries
            .values()
            .any(|lengths| lengths.is_empty() || lengths.iter().any(|it| !(1..=14).contains(it)))
        {
            return Some("numbers have 1 to 14 digits after their country code".to_owned());
        }
        match &plan.country {
            Some(code) if !is_code(code) || !plan.knows(code) => {
                Some(format!("there is no country code `{code}`"))
            }
            _ => None,
        }
    }
}

/// What was typed: its digits without a prefix that says that a country code follows, and whether there was one.
struct Typed {
    /// Every digit.
    all: String,
    /// The digits after `+` or `00`.
    international: Option<String>,
}

impl Typed {
    fn read(text: &str) -> Self {
        let all = phone_digits(text);
        let first = text.nfkc().find(|char| char.is_ascii_digit() || *char == '+');
        let international = match (first, all.strip_prefix("00")) {
            (Some('+'), _) => Some(all.clone()),
            (_, Some(rest)) => Some(rest.to_owned()),
            _ => None,
        };
        Self { all, international }
    }
}

/// The numbers of one country, all of one length.
fn one_country(typed: &Typed, code: &str, length: usize, trunk: Option<char>) -> Result<String, Problem> {
    let refused = || Problem::malformed(format!("a phone number: +{code} and {length} digits"));
    let after_code =
        |digits: &str| digits.strip_prefix(code).filter(|rest| rest.len() == length).map(str::to_owned);
    let national = match &typed.international {
        Some(digits) => after_code(digits),
        None if typed.all.len() == length => Some(typed.all.clone()),
        None => after_code(&typed.all).or_else(|| {
            let rest = typed.all.strip_prefix(trunk?)?;
            (rest.len() == length).then(|| rest.to_owned())
        }),
    };
    national.map(|national| format!("+{code}{national}")).ok_or_else(refused)
}

impl CallingPlan {
    fn canonical(&self, typed: &Typed) -> Result<String, Problem> {
        let digits = match &typed.international {
            Some(digits) => self.is_number(digits).then(|| digits.clone()),
            None => {
                self.domestic(&typed.all).or_else(|| self.is_number(&typed.all).then(|| typed.all.clone()))
            }
        };
        let refused = || Problem::malformed("a phone number with + and the country code");
        digits.map(|digits| format!("+{digits}")).ok_or_else(refused)
    }

    /// A number of the plan's own country, with its code, without, or with what is dialled before it.
    fn domestic(&self, digits: &str) -> Option<String> {
        let code = self.country.as_deref()?;
        if digits.starts_with(code) && self.is_number(digits) {
            return Some(digits.to_owned());
        }
        let trunk = self.trunk.as_deref().unwrap_or(if code == "7" { "8" } else { "0" });
        let dialled = digits.strip_prefix(trunk).filter(|_| !trunk.is_empty());
        // Where numbers have several lengths, one that begins with what is dialled before it is read without that.
        let readings = [dialled, Some(digits)].into_iter().flatten();
        let mut numbers = readings.map(|rest| format!("{code}{rest}"));
        numbers.find(|number| self.is_number(number))
    }

    /// Are these the digits of a number, with its country code?
    fn is_number(&self, digits: &str) -> bool {
        let splits = (1..=3).filter_map(|at| digits.split_at_checked(at));
        digits.len() <= MOST_DIGITS && splits.into_iter().any(|(code, rest)| self.fits(code, rest.len()))
    }

    fn fits(&self, code: &str, length: usize) -> bool {
        if self.countries.is_empty() {
            return lengths_of(code).is_some_and(|lengths| lengths.contains(&length));
        }
        let lengths = self.countries.get(code);
        lengths.is_some_and(|lengths| lengths.iter().any(|it| usize::from(*it) == length))
    }

    fn knows(&self, code: &str) -> bool {
        if self.countries.is_empty() { lengths_of(code).is_some() } else { self.countries.contains_key(code) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e164(country: Option<&str>) -> PhonePolicy {
        PhonePolicy::E164(CallingPlan { country: country.map(str::to_owned), ..CallingPlan::default() })
    }

    fn read(policy: &PhonePolicy, text: &str) -> Option<String> {
        policy.canonical(&Phone::parse(text).unwrap()).ok()
    }

    #[test]
    fn each_policy_reads_its_spellings_and_refuses_the_rest() {
        use PhonePolicy::{Any, Digits, Ru, Uz};
        let (world, uz, ru, de) = (e164(None), e164(Some("998")), e164(Some("7")), e164(Some("49")));
        for (policy, text, read_as) in [
            (&Any, "ask for ANN", Some("ask for ann")),
            (&Any, "(1) 2", Some("12")),
            (&Digits, "+7 (901) 234-56-78", Some("79012345678")),
            (&Digits, "123456789", None),
            (&Digits, "1234567890123456", None),
            (&Uz, "901234567", Some("+998901234567")),
            (&Uz, "+998 (90) 123-45-67", Some("+998901234567")),
            (&Uz, "998901234567", Some("+998901234567")),
            (&Uz, "00998901234567", Some("+998901234567")),
            (&Uz, "tel: ９０ 123 45 67", Some("+998901234567")),
            (&Uz, "+901234567", None),
            (&Uz, "90123456", None),
            (&Uz, "+7 901 234 56 78", None),
            (&Ru, "89012345678", Some("+79012345678")),
            (&Ru, "79012345678", Some("+79012345678")),
            (&Ru, "9012345678", Some("+79012345678")),
            (&Ru, "8005553535", Some("+78005553535")),
            (&Ru, "+81312345678", None),
            (&Ru, "69012345678", None),
            (&world, "+998901234567", Some("+998901234567")),
            (&world, "12125550123", Some("+12125550123")),
            (&world, "901234567", None),
            (&world, "+999 123 456 789", None),
            (&world, "+1 212 555 012", None),
            (&uz, "901234567", Some("+998901234567")),
            (&uz, "+49 30 1234567", Some("+49301234567")),
            (&uz, "79012345678", Some("+79012345678")),
            (&ru, "8 901 234 56 78", Some("+79012345678")),
            (&ru, "+8 901 234 56 78", None),
            (&de, "030 1234567", Some("+49301234567")),
            (&de, "0049 30 1234567", Some("+49301234567")),
        ] {
            assert_eq!(read(policy, text).as_deref(), read_as, "{policy:?} {text}");
        }
    }

    #[test]
    fn a_plan_of_its_own_accepts_its_countries_only() {
        let countries = BTreeMap::from([("998".to_owned(), vec![9]), ("7".to_owned(), vec![10])]);
        let plan = CallingPlan { country: Some("998".to_owned()), trunk: None, countries };
        let policy = PhonePolicy::E164(plan.clone());
        assert_eq!(policy.fault(), None);
        assert_eq!(read(&policy, "901234567").as_deref(), Some("+998901234567"));
        assert_eq!(read(&policy, "+12125550123"), None);
        let elsewhere = PhonePolicy::E164(CallingPlan { country: Some("1".to_owned()), ..plan });
        assert!(elsewhere.fault().unwrap().contains("`1`"));
        assert!(e164(Some("999")).fault().is_some());
    }

    #[test]
    fn what_a_policy_refuses_is_still_compared_by_its_digits() {
        let key = |text: &str| PhonePolicy::Uz.key(&Phone::parse(text).unwrap());
        assert_eq!((key("12-34"), key("1234")), ("1234".to_owned(), "1234".to_owned()));
        assert_eq!(key("later"), key(" LATER "));
    }

    proptest! {
        #[test]
        fn spellings_of_one_number_have_one_key(number in "[1-9][0-9]{8}", gaps in "[ ().-]{8}", form in 0..4_usize) {
            let spaced: String = number.chars().zip(gaps.chars().chain([' '])).flat_map(|(digit, gap)| [digit, gap]).collect();
            let prefix = ["", "+998", "998", "00998"][form];
            let text = format!("{prefix} {spaced}");
            let plain = format!("+998{number}");
            prop_assert_eq!(read(&PhonePolicy::Uz, &text), Some(plain.clone()));
            prop_assert_eq!(read(&e164(Some("998")), &text), Some(plain));
        }

        #[test]
        fn a_canonical_form_is_its_own(text in "[+0-9 ]{1,20}") {
            for policy in [PhonePolicy::Digits, PhonePolicy::Uz, PhonePolicy::Ru, e164(None), e164(Some("7")), e164(Some("39"))] {
                let Some(form) = Phone::parse(&text).ok().and_then(|phone| policy.canonical(&phone).ok()) else { continue };
                prop_assert_eq!(read(&policy, &form), Some(form));
            }
        }
    }
}
