//! The country codes of the world, and how many digits follow each.
//!
//! Lengths are those in use now, from the shortest to the longest. Codes that belong to no country (satellites, free
//! calls) are not here.
//!
//! Invariant: no code is the beginning of another one.

use std::ops::RangeInclusive;

/// `code:length` or `code:shortest-longest`.
const CODES: &str = "
    1:10 7:10
    20:8-10 211:9 212:9 213:8-9 216:8 218:8-9 220:7-9 221:9 222:8 223:8 224:8-9 225:8-10 226:8 227:8 228:8 229:8-10
    230:7-8 231:7-9 232:8 233:8-9 234:8-10 235:8 236:8 237:8-9 238:7 239:7 240:9 241:7-8 242:9 243:7-9 244:9 245:7-9
    246:7 247:5-6 248:7 249:9 250:8-9 251:9 252:6-9 253:8 254:7-10 255:9 256:9 257:8 258:8-9 260:9 261:9 262:9 263:5-10
    264:8-9 265:7-9 266:8 267:7-8 268:8-9 269:7 27:9 290:4-5 291:7 297:7 298:6 299:6
    30:10 31:9-11 32:8-9 33:9 34:9 350:8 351:9 352:4-11 353:7-10 354:7-9 355:7-9 356:8 357:8 358:5-12 359:7-9 36:8-9
    370:8 371:8 372:7-8 373:8 374:8 375:9-10 376:6-9 377:8-9 378:6-10 380:9 381:7-10 382:8-9 383:8-9 385:8-9 386:8
    387:8-9 389:8 39:6-12
    40:9 41:9-10 420:9 421:9 423:7-9 43:4-13 44:9-10 45:8 46:7-10 47:8 48:9 49:6-11
    500:5 501:7 502:8 503:8 504:8 505:8 506:8 507:7-8 508:6-9 509:8 51:8-9 52:10 53:6-8 54:10-11 55:10-11 56:9 57:8-10
    58:10 590:9 591:8 592:7 593:8-9 594:9 595:8-9 596:9 597:6-7 598:7-8 599:7-8
    60:8-10 61:9 62:7-12 63:8-10 64:8-10 65:8 66:8-9 670:7-8 672:5-6 673:7 674:7 675:7-8 676:5-7 677:5-7 678:5-7 679:7
    680:7 681:6 682:5 683:4-7 685:5-10 686:5-8 687:6 688:5-7 689:6-8 690:4-7 691:7 692:7
    81:9-10 82:8-10 84:9-10 850:6-10 852:8 853:8 855:8-9 856:8-10 86:10-11 880:8-10 886:8-9
    90:10 91:10 92:9-10 93:9 94:9 95:7-10 960:7 961:7-8 962:8-9 963:8-9 964:8-10 965:8 966:9 967:7-9 968:8 970:8-9
    971:8-9 972:8-9 973:8 974:7-8 975:7-8 976:8 977:8-10 98:10 992:9 993:8 994:9 995:9 996:9 998:9
";

/// How many digits follow a country code; `None` for a code that no country has.
pub(super) fn lengths_of(code: &str) -> Option<RangeInclusive<usize>> {
    let entry =
        CODES.split_whitespace().filter_map(|entry| entry.split_once(':')).find(|(known, _)| *known == code);
    let (_, lengths) = entry?;
    let (shortest, longest) = lengths.split_once('-').unwrap_or((lengths, lengths));
    Some(shortest.parse().ok()?..=longest.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_lengths_and_begins_no_other() {
        let codes: Vec<_> = CODES.split_whitespace().map(|entry| entry.split_once(':').unwrap().0).collect();
        assert!(codes.len() > 200, "{}", codes.len());
        for code in &codes {
            let lengths = lengths_of(code).unwrap();
            assert!(!lengths.is_empty() && code.len() + lengths.end() <= 15, "{code}");
            let longer = codes.iter().filter(|other| other.starts_with(code)).count();
            assert_eq!(longer, 1, "{code}");
        }
        assert_eq!((lengths_of("999"), lengths_of("")), (None, None));
    }
}
