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
}
