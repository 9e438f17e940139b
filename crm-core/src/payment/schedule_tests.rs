//! The arithmetic of plans against what a person works out.

use proptest::prelude::*;

use super::*;
use crate::value::Currency;

fn money(text: &str) -> Money {
    Money { amount: text.parse().unwrap(), currency: Currency::USD }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn sum(lines: &[Line]) -> Decimal {
    lines.iter().map(|line| line.amount).sum()
}

fn told(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| format!("{} {} {}", line.due_on, line.role.name(), line.amount)).collect()
}

#[test]
fn days_are_calendar_months_clipped_to_their_end() {
    for (first, months, wanted) in [
        ("2026-01-31", 4, vec!["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2028-01-31", 3, vec!["2028-01-31", "2028-02-29", "2028-03-31"]),
        ("2028-02-29", 13, vec!["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"]),
        ("2026-01-29", 3, vec!["2026-01-29", "2026-02-28", "2026-03-29"]),
        ("2026-12-15", 2, vec!["2026-12-15", "2027-01-15"]),
        ("2100-01-30", 2, vec!["2100-01-30", "2100-02-28"]),
    ] {
        let found = lines(money("1000"), 2, day(first), months).unwrap();
        let days: Vec<_> = found.iter().map(|line| line.due_on.to_string()).take(wanted.len()).collect();
        assert_eq!(days, wanted, "{first}");
        assert_eq!(found.len(), months as usize);
    }
    let year = lines(money("1000"), 2, day("2028-02-29"), 13).unwrap();
    assert_eq!(year.last().unwrap().due_on, day("2029-02-28"));
}

#[test]
fn what_makes_no_schedule_is_refused() {
    for (total, decimals, first, months) in [
        ("100", 2, "2026-01-01", 0),
        ("100", 2, "2026-01-01", 61),
        ("0", 2, "2026-01-01", 1),
        ("-1", 2, "2026-01-01", 1),
        ("1.005", 2, "2026-01-01", 1),
        ("0.02", 2, "2026-01-01", 3),
        ("100", 2, "9999-12-01", 2),
    ] {
        assert!(lines(money(total), decimals, day(first), months).is_err(), "{total} {first} {months}");
    }
    assert_eq!(lines(money("0.60"), 2, day("2026-01-01"), 60).unwrap().len(), 60);
    assert_eq!(lines(money("100"), 0, day("2026-01-01"), 3).unwrap()[0].amount, 34.into());
    assert_eq!(lines(money("100"), 2, day("9999-11-30"), 2).unwrap()[1].due_on, day("9999-12-30"));
}

#[test]
fn shapes_are_laid_out_by_hand() {
    let first = day("2026-01-31");
    let shape = |shape: Shape| told(&shape.lines(money("100"), 2, first).unwrap());
    assert_eq!(shape(Shape::Full), ["2026-01-31 full 100"]);
    assert_eq!(
        shape(Shape::Instalment { down: Some(number("30")), months: 3 }),
        [
            "2026-01-31 down 30",
            "2026-02-28 monthly 23.34",
            "2026-03-31 monthly 23.33",
            "2026-04-30 monthly 23.33"
        ]
    );
    assert_eq!(
        shape(Shape::Instalment { down: None, months: 2 }),
        ["2026-01-31 monthly 50.00", "2026-02-28 monthly 50.00"]
    );
    assert_eq!(shape(Shape::Instalment { down: Some(number("100")), months: 2 }), ["2026-01-31 down 100"]);
    assert_eq!(
        shape(Shape::Hybrid { down: Some(number("30")), last: number("30"), months: 3 }),
        ["2026-01-31 down 30", "2026-02-28 monthly 20.00", "2026-03-31 monthly 20.00", "2026-04-30 final 30"]
    );
    assert_eq!(
        shape(Shape::Hybrid { down: None, last: number("40"), months: 1 }),
        ["2026-01-31 monthly 60.00", "2026-01-31 final 40"]
    );
    assert_eq!(
        shape(Shape::Hybrid { down: Some(number("50")), last: number("50"), months: 2 }),
        ["2026-01-31 down 50", "2026-03-31 final 50"]
    );
}

#[test]
fn shapes_that_ask_for_more_than_the_total_are_refused() {
    let refused = |shape: Shape| shape.lines(money("100"), 2, day("2026-01-31")).is_err();
    for shape in [
        Shape::Instalment { down: Some(number("100.01")), months: 3 },
        Shape::Instalment { down: Some(number("-1")), months: 3 },
        Shape::Instalment { down: Some(number("0.001")), months: 3 },
        Shape::Instalment { down: Some(number("99.99")), months: 3 },
        Shape::Instalment { down: Some(number("100")), months: 0 },
        Shape::Hybrid { down: Some(number("60")), last: number("50"), months: 3 },
        Shape::Hybrid { down: None, last: number("-50"), months: 3 },
        Shape::Hybrid { down: None, last: number("50"), months: 61 },
    ] {
        assert!(refused(shape), "{shape:?}");
    }
}

#[test]
fn a_shape_has_one_json_form() {
    for (text, shape) in [
        (r#""full""#, Shape::Full),
        (r#"{"instalment":{"months":3}}"#, Shape::Instalment { down: None, months: 3 }),
        (
            r#"{"hybrid":{"down":"1.5","last":"2","months":3}}"#,
            Shape::Hybrid { down: Some(number("1.5")), last: number("2"), months: 3 },
        ),
    ] {
        assert_eq!(serde_json::to_string(&shape).unwrap(), text);
        assert_eq!(serde_json::from_str::<Shape>(text).unwrap(), shape);
    }
}

fn any_shape(total: i64) -> impl Strategy<Value = Shape> {
    let cents = move |part: i64| Number(Decimal::new(part, 2));
    let months = 1_u32..=60;
    prop_oneof![
        Just(Shape::Full),
        (0..=total, months.clone())
            .prop_map(move |(down, months)| Shape::Instalment { down: Some(cents(down)), months }),
        (0..=total, 0..=total, months).prop_map(move |(one, two, months)| {
            let (down, last) = (one.min(two), (one - two).abs());
            Shape::Hybrid { down: Some(cents(down)), last: cents(last), months }
        }),
    ]
}

proptest! {
    #[test]
    fn lines_add_up_to_the_total(units in 1_i64..i64::MAX, decimals in 0_u32..=8, months in 1_u32..=60, from in 0_i64..100_000) {
        let total = Money { amount: Decimal::new(units, decimals), currency: Currency::USD };
        let first = day("1990-01-01").plus_days(from);
        match lines(total, decimals, first, months) {
            Err(_) => prop_assert!(units < i64::from(months)),
            Ok(found) => {
                prop_assert_eq!(sum(&found), total.amount);
                prop_assert_eq!(found.len(), months as usize);
                prop_assert!(found.windows(2).all(|pair| pair[0].amount >= pair[1].amount));
                prop_assert!(found[0].amount - found[found.len() - 1].amount <= Decimal::new(1, decimals));
                for (at, line) in (0..).zip(&found) {
                    prop_assert_eq!(line.number, at + 1);
                    prop_assert_eq!(line.due_on, first.plus_months(at));
                }
            }
        }
    }

    #[test]
    fn every_shape_adds_up_to_the_total((units, shape) in (1_i64..1_000_000_000).prop_flat_map(|total| (Just(total), any_shape(total)))) {
        let total = Money { amount: Decimal::new(units, 2), currency: Currency::USD };
        // Only a rest of fewer cents than it has months is refused.
        let cents = |part: Option<Number>| part.map_or(Decimal::ZERO, |part| part.0);
        let (rest, parts) = match shape {
            Shape::Full => (total.amount, 1),
            Shape::Instalment { down, months } => (total.amount - cents(down), months),
            Shape::Hybrid { down, last, months } => (total.amount - cents(down) - last.0, (months - 1).max(1)),
        };
        let too_small = !rest.is_zero() && rest < Decimal::new(parts.into(), 2);
        match shape.lines(total, 2, day("2026-01-31")) {
            Ok(found) => {
                prop_assert!(!too_small);
                prop_assert_eq!(sum(&found), total.amount);
                prop_assert!(found.len() <= MOST_LINES as usize);
                prop_assert!(found.iter().all(|line| line.amount > Decimal::ZERO));
                prop_assert!(found.windows(2).all(|pair| pair[0].due_on <= pair[1].due_on && pair[0].number + 1 == pair[1].number));
            }
            Err(_) => prop_assert!(too_small, "{shape:?}"),
        }
    }
}
