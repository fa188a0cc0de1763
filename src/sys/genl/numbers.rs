// SPDX-License-Identifier: GPL-2.0

//! The numbers of `include/uapi/linux/anycast6.h`, as types.

use crate::{
    bindings,
    decide::lifecycle::Condition, //
};
use core::ffi::c_int;

/// The messages that the module sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A group, as asked for.
    GroupGet = bindings::ANYCAST6_CMD_GROUP_GET as isize,
    /// A group in another state.
    GroupNtf = bindings::ANYCAST6_CMD_GROUP_NTF as isize,
    /// A group that has ended.
    GroupDelNtf = bindings::ANYCAST6_CMD_GROUP_DEL_NTF as isize,
    /// A group that was handed over.
    HandoverNtf = bindings::ANYCAST6_CMD_HANDOVER_NTF as isize,
    /// A holder.
    HolderGet = bindings::ANYCAST6_CMD_HOLDER_GET as isize,
}

/// A number of an attribute.
pub(crate) trait Attribute {
    /// The number.
    fn number(self) -> c_int;
}

/// The attributes of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupAttribute {
    Ifindex = bindings::ANYCAST6_A_GROUP_IFINDEX as isize,
    Device = bindings::ANYCAST6_A_GROUP_DEVICE as isize,
    Address = bindings::ANYCAST6_A_GROUP_ADDRESS as isize,
    State = bindings::ANYCAST6_A_GROUP_STATE as isize,
    Since = bindings::ANYCAST6_A_GROUP_SINCE as isize,
    Holders = bindings::ANYCAST6_A_GROUP_HOLDERS as isize,
    Peer = bindings::ANYCAST6_A_GROUP_PEER as isize,
    Drain = bindings::ANYCAST6_A_GROUP_DRAIN as isize,
    Lease = bindings::ANYCAST6_A_GROUP_LEASE as isize,
    Time = bindings::ANYCAST6_A_GROUP_TIME as isize,
}

impl Attribute for GroupAttribute {
    fn number(self) -> c_int {
        self as c_int
    }
}

/// The attributes of holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HolderAttribute {
    Ifindex = bindings::ANYCAST6_A_HOLDER_IFINDEX as isize,
    Address = bindings::ANYCAST6_A_HOLDER_ADDRESS as isize,
    Kind = bindings::ANYCAST6_A_HOLDER_KIND as isize,
    Count = bindings::ANYCAST6_A_HOLDER_COUNT as isize,
    Module = bindings::ANYCAST6_A_HOLDER_MODULE as isize,
    Cookie = bindings::ANYCAST6_A_HOLDER_COOKIE as isize,
    Uid = bindings::ANYCAST6_A_HOLDER_UID as isize,
    Pid = bindings::ANYCAST6_A_HOLDER_PID as isize,
}

impl Attribute for HolderAttribute {
    fn number(self) -> c_int {
        self as c_int
    }
}

/// The kinds of holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HolderKind {
    Socket = bindings::anycast6_holder_kind_ANYCAST6_HOLDER_KIND_SOCKET as isize,
    Module = bindings::anycast6_holder_kind_ANYCAST6_HOLDER_KIND_MODULE as isize,
    Addrconf = bindings::anycast6_holder_kind_ANYCAST6_HOLDER_KIND_ADDRCONF as isize,
    Adopted = bindings::anycast6_holder_kind_ANYCAST6_HOLDER_KIND_ADOPTED as isize,
}

/// The number of a state.
pub(crate) fn state(condition: Condition) -> u32 {
    match condition {
        Condition::Published => bindings::anycast6_state_ANYCAST6_STATE_PUBLISHED,
        Condition::Draining => bindings::anycast6_state_ANYCAST6_STATE_DRAINING,
        Condition::Suspended => bindings::anycast6_state_ANYCAST6_STATE_SUSPENDED,
        Condition::Dormant => bindings::anycast6_state_ANYCAST6_STATE_DORMANT,
        Condition::Yielding => bindings::anycast6_state_ANYCAST6_STATE_YIELDING,
        Condition::Off => bindings::anycast6_state_ANYCAST6_STATE_OFF,
    }
}
