// SPDX-License-Identifier: GPL-2.0

//! What a sysctl takes for a number.

use crate::{decide::decimal::is_decimal, properties::config};
use proptest::prelude::*;

#[test]
fn one_number_and_white_space() {
    for text in [
        "0",
        "1",
        "10",
        "4294967295",
        "1\n",
        " 2",
        "\t2 \r\n",
        "99999999999999999999",
    ] {
        assert!(is_decimal(text.as_bytes()), "{text:?}");
    }
}

#[test]
fn anything_else() {
    for text in [
        "", " ", "\n", "1 2", "1\n2", "0x2", "010", "00", "-0", "-1", "+1", "1.", "1x", "x", "1,",
        "1\0", "\u{b}1",
    ] {
        assert!(!is_decimal(text.as_bytes()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    /// It is a number just when Rust reads one and would write it likewise.
    #[test]
    fn is_what_would_be_written(text in "[ \t\n]{0,2}[-+]?[0-9a-fx ]{0,5}[ \t\n]{0,2}") {
        let trimmed = text.trim();
        let same = trimmed.parse::<u64>().is_ok_and(|number| number.to_string() == trimmed);
        prop_assert_eq!(is_decimal(text.as_bytes()), same);
    }

    #[test]
    fn every_number(number: u32) {
        prop_assert!(is_decimal(number.to_string().as_bytes()));
    }
}
