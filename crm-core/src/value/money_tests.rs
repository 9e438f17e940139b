//! Tests of money: nothing is lost in a sum or a split.
//!
//! Beside the code and not in it only for the length of the file.
//!
//! Invariant: every property is checked against arithmetic that is not the code's own.

use proptest::prelude::*;

use super::*;

fn usd(text: &str) -> Money {
    Money { amount: Number::parse(text).unwrap().0, currency: Currency::USD }
}

fn texts(parts: Result<Vec<Money>, Problem>) -> Vec<String> {
    parts.unwrap().iter().map(|part| part.amount.to_string()).collect()
}

#[test]
fn sums_are_exact_or_refused() {
    assert_eq!(usd("1.50").checked_add(usd("2.5")).unwrap().to_string(), "4.00 USD");
    assert_eq!(usd("1.50").checked_sub(usd("2")).unwrap().to_string(), "-0.50 USD");
    assert_eq!(usd("0.000").checked_add(usd("1.5")).unwrap().amount, usd("1.5").amount);
    let most = Money { amount: Decimal::MAX, currency: Currency::USD };
    for small in ["1", "0.4", "0.0000000000000000000000000001"] {
        assert_eq!(most.checked_add(usd(small)).unwrap_err().code(), "out_of_range", "{small}");
    }
    assert_eq!(most.checked_add(usd("0.00")), Ok(most));
    assert_eq!(most.checked_sub(most).unwrap().amount, Decimal::ZERO);
}

#[test]
fn currencies_do_not_mix() {
    let euro = Money { amount: Decimal::ONE, currency: Currency::EUR };
    let problem = usd("1").checked_add(euro).unwrap_err();
    assert_eq!(problem.to_string(), "is not allowed: amounts in `USD` and `EUR` have no sum");
    assert!(usd("1").checked_sub(euro).is_err());
}

#[test]
fn half_is_rounded_away_from_zero() {
    for (from, to) in [("0.125", "0.13"), ("-0.125", "-0.13"), ("0.124", "0.12"), ("2.5", "2.5")] {
        assert_eq!(usd(from).round(2), usd(to), "{from}");
    }
    assert_eq!(usd("2.5").round(0), usd("3"));
    assert_eq!(usd("2.5").round(u32::MAX), usd("2.5"));
}

#[test]
fn equal_parts_differ_by_a_unit_and_the_earliest_are_larger() {
    assert_eq!(texts(usd("100").split(2, 3)), ["33.34", "33.33", "33.33"]);
    assert_eq!(texts(usd("-100").split(2, 3)), ["-33.34", "-33.33", "-33.33"]);
    assert_eq!(texts(usd("0.05").split(2, 3)), ["0.02", "0.02", "0.01"]);
    assert_eq!(texts(usd("0").split(2, 2)), ["0.00", "0.00"]);
    assert_eq!(texts(usd("7").split(0, 2)), ["4", "3"]);
    assert_eq!(texts(usd("100.0000").split(2, 1)), ["100.00"]);
}

#[test]
fn weights_rule_the_shares() {
    assert_eq!(texts(usd("10").allocate(2, &[1, 2])), ["3.33", "6.67"]);
    assert_eq!(texts(usd("0.01").allocate(2, &[0, 1, 1])), ["0.00", "0.01", "0.00"]);
    assert_eq!(texts(usd("1").allocate(0, &[1, u64::MAX - 1])), ["0", "1"]);
}

#[test]
fn what_cannot_be_split_exactly_is_refused() {
    for parts in [
        usd("1.005").split(2, 2),
        usd("1").split(2, 0),
        usd("1").allocate(2, &[]),
        usd("1").allocate(2, &[0, 0]),
        usd("1").allocate(2, &[u64::MAX, 1]),
        usd("1").split(2, u32::MAX),
        usd("1").split(u32::MAX, 2),
        usd("79228162514264337593543950335").split(28, 2),
        usd("79228162514264337593543950335").split(9, 11),
    ] {
        assert_eq!(parts.unwrap_err().code(), "out_of_range");
    }
    assert!(usd("79228162514264337593543950335").split(0, 7).is_ok());
    assert_eq!(usd("1").split(2, 100_000).unwrap().len(), 100_000);
}

#[test]
fn json_has_the_amount_as_text() {
    let json = serde_json::to_string(&usd("12.50")).unwrap();
    assert_eq!(json, r#"{"amount":"12.50","currency":"USD"}"#);
    assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), usd("12.5"));
    assert_eq!(serde_json::from_str::<Money>(r#"{"amount":12.5,"currency":"usd"}"#).unwrap(), usd("12.5"));
}

fn weights() -> impl Strategy<Value = Vec<u64>> {
    let weight = prop_oneof![0_u64..5, 0_u64..1_000, 0..u64::MAX / 8];
    prop::collection::vec(weight, 1..8).prop_filter("a weight", |all| all.iter().any(|weight| *weight > 0))
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole_and_are_within_a_unit(cents in any::<i32>(), weights in weights()) {
        let whole = Money { amount: Decimal::new(cents.into(), 2), currency: Currency::USD };
        let parts = whole.allocate(2, &weights).unwrap();
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().map(|part| part.amount).sum::<Decimal>(), whole.amount);
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            let units = part.amount.mantissa() * 10_i128.pow(2 - part.amount.scale());
            // |units - cents * weight / total| < 1, without a division.
            let off = (units * total - i128::from(cents) * i128::from(*weight)).abs();
            prop_assert!(off < total);
        }
    }

    #[test]
    fn large_amounts_lose_nothing(units in any::<i128>(), weights in weights()) {
        let units = units % (1 << 96);
        let whole = Money { amount: Decimal::from_i128_with_scale(units, 4), currency: Currency::USD };
        let parts = whole.allocate(4, &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.amount.mantissa()).sum::<i128>(), units);
    }

    #[test]
    fn equal_weights_come_in_order(cents in any::<i64>(), parts in 1_u32..40) {
        let whole = Money { amount: Decimal::new(cents, 2), currency: Currency::USD };
        let sizes: Vec<Decimal> =
            whole.split(2, parts).unwrap().iter().map(|part| part.amount.abs()).collect();
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
        prop_assert!(sizes[0] - sizes[sizes.len() - 1] <= Decimal::new(1, 2));
    }

    #[test]
    fn a_sum_is_undone_by_its_difference(
        a in any::<i128>(), b in any::<i128>(), a_scale in 0_u32..=28, b_scale in 0_u32..=28,
    ) {
        let money = |units: i128, scale| Money {
            amount: Decimal::from_i128_with_scale(units % (1 << 96), scale), currency: Currency::USD,
        };
        let (a, b) = (money(a, a_scale), money(b >> 40, b_scale));
        if let Ok(sum) = a.checked_add(b) {
            prop_assert_eq!(b.checked_add(a), Ok(sum));
            prop_assert_eq!(sum.checked_sub(b), Ok(a));
            prop_assert_eq!(sum.checked_sub(a), Ok(b));
        }
    }
}
