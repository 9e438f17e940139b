//! A currency by its code.
//!
//! Which currencies a system accepts is data of the system; a code is only three letters, in one spelling.
//!
//! Invariant: three upper-case ASCII letters.

use std::fmt;

use super::Problem;
use super::wire::text_form;

/// A currency code: three letters, upper case.
///
/// ```
/// use crm_core::value::Currency;
///
/// assert_eq!(Currency::parse("eur")?, Currency::EUR);
/// assert_eq!(Currency::EUR.as_str(), "EUR");
/// assert_eq!(Currency::JPY.minor_units(), 0);
/// # Ok::<(), crm_core::value::Problem>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Russian rouble.
    pub const RUB: Self = Self(*b"RUB");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");
    /// Japanese yen.
    pub const JPY: Self = Self(*b"JPY");
    /// Swiss franc.
    pub const CHF: Self = Self(*b"CHF");
    /// Uzbek sum.
    pub const UZS: Self = Self(*b"UZS");

    /// Reads a code in any letter case.
    ///
    /// # Errors
    /// When it is not exactly three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        <[u8; 3]>::try_from(text.trim().as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_alphabetic))
            .map(|code| Self(code.map(|letter| letter.to_ascii_uppercase())))
            .ok_or_else(|| Problem::malformed("a currency code of three letters"))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Three ASCII letters are always UTF-8.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many decimals amounts of the currency have, by ISO 4217; two for a code that it does not list.
    #[must_use]
    pub fn minor_units(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

text_form!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_letter_case_is_read() {
        for text in ["USD", "usd", " uSd "] {
            assert_eq!(Currency::parse(text), Ok(Currency::USD));
        }
        assert_eq!(Currency::parse("xyz").unwrap().to_string(), "XYZ");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "US", "USDT", "U5D", "U D", "руб", "é1", "ſſ"] {
            assert_eq!(Currency::parse(text).unwrap_err().code(), "malformed", "{text}");
        }
    }

    #[test]
    fn minor_units_follow_the_standard() {
        for (code, units) in [("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3), ("CLF", 4), ("UZS", 2)] {
            assert_eq!(Currency::parse(code).unwrap().minor_units(), units, "{code}");
        }
    }

    #[test]
    fn json_is_the_code() {
        assert_eq!(serde_json::to_string(&Currency::RUB).unwrap(), "\"RUB\"");
        assert_eq!(serde_json::from_str::<Currency>("\"rub\"").unwrap(), Currency::RUB);
        assert!(serde_json::from_str::<Currency>("\"rubl\"").is_err());
    }
}
