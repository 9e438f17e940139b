//! Quotations: worked examples, and what holds for all of them.

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn basis() -> Basis {
    let prices = [("1", "10000000"), ("0.7", "10500000"), ("0.5", "11000000"), ("0.3", "11500000")];
    Basis {
        unit: UnitId::from_uuid(crate::value::Uuid::nil()),
        floor: 3,
        area: decimal("54.32"),
        prices: prices.iter().map(|(share, price)| (decimal(share), decimal(price))).collect(),
        currency: Currency::UZS,
        decimals: 2,
        today: day("2026-01-31"),
        months_left: 3,
        hybrid_allowed: true,
    }
}

fn named<'q>(quotation: &'q Quotation, name: &str) -> &'q PlanQuote {
    quotation.plans.iter().find(|plan| plan.name == name).unwrap()
}

fn shown(plan: &PlanQuote) -> Vec<String> {
    plan.lines
        .iter()
        .map(|line| format!("{} {} {}", line.due_on, line.role.name(), line.amount.normalize()))
        .collect()
}

#[test]
fn each_plan_has_the_price_of_its_share() {
    let quotation = quote(&basis(), &QuotationSpec::default()).unwrap();
    let names: Vec<_> = quotation.plans.iter().map(|plan| plan.name.as_str()).collect();
    assert_eq!(names, ["full", "instalment_70", "instalment_50", "instalment_30", "hybrid_30", "hybrid_20"]);
    let full = named(&quotation, "full");
    assert_eq!((full.total.amount, full.economy), (decimal("543200000"), None));
    assert_eq!(shown(full), ["2026-01-31 full 543200000"]);
    let half = named(&quotation, "instalment_50");
    assert_eq!(half.total.amount, decimal("597520000"));
    assert_eq!(half.economy.unwrap().amount, decimal("54320000"));
    assert_eq!(half.act_fee.amount, decimal("17925600"));
    assert_eq!(
        shown(half),
        [
            "2026-01-31 down 298760000",
            "2026-02-28 monthly 99586666.67",
            "2026-03-31 monthly 99586666.67",
            "2026-04-30 monthly 99586666.66",
        ]
    );
    let hybrid = named(&quotation, "hybrid_20");
    assert_eq!(
        shown(hybrid),
        [
            "2026-01-31 down 124936000",
            "2026-02-28 monthly 156170000",
            "2026-03-31 monthly 156170000",
            "2026-04-30 final 187404000",
        ]
    );
    assert!(quotation.missing.is_empty());
}

#[test]
fn a_price_that_is_not_there_is_named() {
    let mut basis = basis();
    basis.prices.remove(&decimal("0.30"));
    basis.prices.remove(&decimal("1"));
    let quotation = quote(&basis, &QuotationSpec::default()).unwrap();
    let missing: Vec<_> = quotation.missing.iter().map(|cell| (cell.floor, cell.share)).collect();
    assert_eq!(missing, [(3, decimal("1")), (3, decimal("0.3"))]);
    let names: Vec<_> = quotation.plans.iter().map(|plan| plan.name.as_str()).collect();
    assert_eq!(names, ["instalment_70", "instalment_50"]);
    assert!(quotation.mortgage.is_none());
    assert!(quotation.plans.iter().all(|plan| plan.economy.is_none()));
}

#[test]
fn hybrid_plans_are_for_complexes_that_allow_them() {
    let quotation = quote(&Basis { hybrid_allowed: false, ..basis() }, &QuotationSpec::default()).unwrap();
    assert!(quotation.plans.iter().all(|plan| plan.kind != PlanKind::Hybrid));
    assert_eq!(quotation.plans.len(), 4);
}

#[test]
fn a_template_may_fix_its_months() {
    let template = r#"{ "name": "fixed", "share": "0.3", "down": "0.3", "last": "0.4", "months": 18 }"#;
    let spec =
        QuotationSpec { hybrids: vec![serde_json::from_str(template).unwrap()], ..QuotationSpec::default() };
    let quotation = quote(&basis(), &spec).unwrap();
    let plan = named(&quotation, "fixed");
    assert_eq!(plan.lines.len(), 19);
    assert_eq!(plan.lines.last().map(|line| line.due_on), Some(day("2027-07-31")));
}

#[test]
fn a_markup_is_part_of_the_total_of_plans_only() {
    let spec = QuotationSpec { markup: decimal("0.1"), ..QuotationSpec::default() };
    let quotation = quote(&basis(), &spec).unwrap();
    assert_eq!(named(&quotation, "full").markup.amount, Decimal::ZERO);
    let half = named(&quotation, "instalment_50");
    assert_eq!((half.total.amount, half.markup.amount), (decimal("657272000"), decimal("59752000")));
}

#[test]
fn totals_are_rounded_half_away_from_zero() {
    for (price, area, wanted) in
        [("1.01", "0.5", "0.51"), ("0.01", "0.49", "0"), ("333.33", "3.03", "1009.99")]
    {
        assert_eq!(
            total(decimal(price), decimal(area), Decimal::ZERO, 2).unwrap(),
            decimal(wanted),
            "{price}"
        );
    }
    assert_eq!(total(decimal("1.25"), decimal("1"), Decimal::ZERO, 1).unwrap(), decimal("1.3"));
    assert!(total(Decimal::MAX, decimal("2"), Decimal::ZERO, 2).is_err());
    let money = |amount: &str| Money { amount: decimal(amount), currency: Currency::UZS };
    assert_eq!(act_fee(money("1050"), decimal("0.03")).unwrap(), money("32"));
    assert_eq!(act_fee(money("1016.66"), decimal("0.03")).unwrap(), money("30"));
}

#[test]
fn months_that_are_left_of_a_term() {
    for (today, starts_on, term, wanted) in [
        ("2026-03-01", Some("2026-01-01"), 36, 34),
        ("2026-03-02", Some("2026-01-01"), 36, 33),
        ("2026-03-31", Some("2026-01-01"), 36, 33),
        ("2028-12-01", Some("2026-01-01"), 36, 1),
        ("2028-12-02", Some("2026-01-01"), 36, 0),
        ("2029-01-01", Some("2026-01-01"), 36, 0),
        ("2031-05-05", Some("2026-01-01"), 36, 0),
        ("2025-12-01", Some("2026-01-01"), 36, 37),
        ("2026-03-02", None, 24, 24),
    ] {
        assert_eq!(months_left(day(today), starts_on.map(day), term), wanted, "{today}");
    }
}

#[test]
fn an_annuity_pays_its_loan_off() {
    let money = |amount: &str| Money { amount: decimal(amount), currency: Currency::UZS };
    assert_eq!(annuity(money("100000"), decimal("0.12"), 12, 2).unwrap(), money("8884.88"));
    assert_eq!(annuity(money("100000"), Decimal::ZERO, 3, 2).unwrap(), money("33333.33"));
    assert_eq!(annuity(money("434560000"), decimal("0.24"), 240, 2).unwrap(), money("8766848.84"));
    assert!(annuity(money("1"), decimal("0.1"), 0, 2).is_err());
    assert!(annuity(money("1"), decimal("-0.1"), 12, 2).is_err());
}

proptest! {
    #[test]
    fn lines_add_up_and_follow_the_calendar(
        price in 100_000_i64..100_000_000_000,
        area in 1_000_i64..100_000,
        months_left in 0_u32..80,
        markup in 0_i64..30,
        from in 0_i64..20_000,
    ) {
        let price = Decimal::new(price, 2);
        let mut basis = Basis { area: Decimal::new(area, 2), months_left, ..basis() };
        basis.prices.values_mut().for_each(|known| *known = price);
        basis.today = day("2000-01-31").plus_days(from);
        let spec = QuotationSpec { markup: Decimal::new(markup, 2), ..QuotationSpec::default() };
        for plan in quote(&basis, &spec).unwrap().plans {
            let sum: Decimal = plan.lines.iter().map(|line| line.amount).sum();
            prop_assert_eq!(sum, plan.total.amount, "{}", plan.name);
            prop_assert!(plan.lines.iter().all(|line| line.amount > Decimal::ZERO));
            let monthly: Vec<_> = plan.lines.iter().filter(|line| line.role == Role::Monthly).collect();
            let spread = monthly.iter().map(|line| line.amount).max().zip(monthly.iter().map(|line| line.amount).min());
            prop_assert!(spread.is_none_or(|(most, least)| most - least <= Decimal::new(1, 2)));
            prop_assert!(monthly.is_sorted_by(|earlier, later| earlier.amount >= later.amount));
            prop_assert!(plan.lines.is_sorted_by(|earlier, later| earlier.due_on <= later.due_on));
            prop_assert_eq!(plan.lines[0].due_on, basis.today);
        }
    }

    #[test]
    fn a_day_never_adds_months(from in 0_i64..20_000, term in 1_u32..60) {
        let (first, today) = (day("2000-01-15"), day("2000-01-01").plus_days(from));
        let left = |today| months_left(today, Some(first), term);
        prop_assert!(left(today.plus_days(1)) <= left(today));
    }
}
