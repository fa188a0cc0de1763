// SPDX-License-Identifier: GPL-2.0

//! How properties are tested: with inputs that proptest chooses.
//!
//! A failure is printed with the smallest input that fails. The seed it came of is printed too, kept in
//! `build/host/failed-properties.txt`, and tried first the next time. `PROPTEST_CASES=N` tries so many
//! inputs for each property.

use core::net::Ipv6Addr;
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence},
};

/// For `#![proptest_config()]`. cargo runs tests in the directory of the manifest.
pub(crate) fn config() -> Config {
    let failures = FileFailurePersistence::Direct("failed-properties.txt");
    Config {
        failure_persistence: Some(Box::new(failures)),
        ..Config::default()
    }
}

/// Any address.
pub(crate) fn addr() -> impl Strategy<Value = Ipv6Addr> {
    any::<u128>().prop_map(Ipv6Addr::from)
}

/// The bits of an address, the first one first.
pub(crate) fn bits(addr: &Ipv6Addr) -> Vec<bool> {
    let text = format!("{:0128b}", u128::from(*addr));
    text.chars().map(|bit| bit == '1').collect()
}

/// The address of these bits.
pub(crate) fn from_bits(bits: &[bool]) -> Ipv6Addr {
    let digits = bits.iter().map(|&bit| if bit { '1' } else { '0' });
    let number = u128::from_str_radix(&digits.collect::<String>(), 2);
    number.expect("bits").into()
}
