// SPDX-License-Identifier: GPL-2.0

//! Pieces of the protocol that can be left out, to see that they matter.

/// What is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// An object is freed with its last reference, without a grace period.
    NoGracePeriod,
    /// A group enters the hash after `idev->lock` has been given back (CVE-2026-53259).
    HashedLate,
    /// A group becomes visible before it is initialised: the list is written without release semantics.
    SeenEarly,
    /// The list keeps a reference to a group that has left it.
    ReferenceKept,
    /// C's lists are read before the lock of the tables is taken, and the tables filled after.
    AdoptedUnlocked,
    /// The interface stays open after it has left the tables.
    LeftOpen,
    /// The index is said to be complete before groups are entered.
    CompleteEarly,
    /// The index is emptied as soon as it is said to be incomplete, while some still rely on it.
    ReliedOn,
    /// The index is emptied before it is said to be incomplete.
    BuriedEarly,
    /// Who finds an interface closed does not look again.
    NoSecondLook,
    /// Dormant groups are not listed when they are handed back.
    DormantForgotten,
}
