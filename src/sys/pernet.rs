// SPDX-License-Identifier: GPL-2.0

//! The module's state in each network namespace: settings, counters, files, and work.
//!
//! C headers: `include/net/net_namespace.h`, `include/net/netns/generic.h`

use super::{
    bookmarks::Listing,
    face::Face,
    handover::Handovers,
    net::Net,
    net_work::NetWork,
    objects::{
        Counted,
        NAMESPACES, //
    },
    once::Once,
    owned::Owned,
    proc_files::{
        self,
        File, //
    },
    reconciler::Reconciler,
    resets::Resets,
    segment::Segment,
    settings::Settings,
    stats::Stats,
    work, //
};
use crate::{
    bindings,
    decide::admission::Policy, //
};
use core::{
    ffi::{
        c_int,
        c_uint, //
    },
    ptr::NonNull,
};
use kernel::{
    container_of,
    error::{
        from_result,
        to_result, //
    },
    prelude::*,
    sync::atomic::{
        Atomic,
        Relaxed, //
    },
};

/// The state of one namespace. The kernel allocates it, zeroed, and frees it.
///
/// # Invariants
///
/// From the end of [`begin()`] to [`end()`] all fields are initialised.
#[repr(C)]
pub(crate) struct PerNet {
    settings: Settings,
    stats: Stats,
    listing: Listing,
    groups: Atomic<u32>,
    reconciler: Reconciler,
    handovers: Handovers,
    alarm: NetWork,
    resets: Resets,
    counted: Counted<NAMESPACES>,
}

/// Counts a group in its namespace, until dropped.
///
/// # Invariants
///
/// It was counted in `groups` of what it points to. That stays for as long as the namespace has devices,
/// and so groups.
pub(crate) struct Room(NonNull<PerNet>);

// SAFETY: It may be dropped by any task, and does nothing else.
unsafe impl Send for Room {}

impl Drop for Room {
    fn drop(&mut self) {
        // SAFETY: The namespace has it while there is a group, which is until this is dropped.
        unsafe { self.0.as_ref() }.groups.fetch_sub(1, Relaxed);
    }
}

/// The id of the state (`net_generic()`).
static ID: Owned<c_uint> = Owned::new(0);

/// The rooms above, as a namespace needs them.
pub(crate) trait Namespace {
    /// The files of each namespace.
    const FILES: &'static [File];

    /// The initial policy of the initial namespace. New namespaces inherit from it.
    fn first_policy() -> Policy;

    /// Brings groups into line with the events so far. Called from the namespace's work, see
    /// [`Reconciler`].
    fn reconcile(net: &Net);

    /// A time has come for groups. Called from the namespace's alarm.
    fn ring(net: &Net);

    /// A TCP segment arrives, while the setting `tcp_reset` is on. Softirq, under the RCU read lock.
    fn arrived(segment: &Segment<'_>);
}

/// The operations that the kernel calls for each namespace.
pub(crate) struct Operations(Owned<bindings::pernet_operations>);

impl Operations {
    /// For namespaces whose state is used by `N`.
    pub(crate) const fn new<N: Namespace>() -> Self {
        Self(Owned::new(bindings::pernet_operations {
            init: Some(begin::<N>),
            exit: Some(end::<N>),
            id: ID.get(),
            size: size_of::<PerNet>(),
            ..pin_init::zeroed()
        }))
    }
}

/// All namespaces have it, until this is dropped. By the invariant of [`Once`] that is while anything of ours
/// has a namespace at hand, but for [`begin()`] and [`end()`] of that one.
///
/// # Invariants
///
/// The operations are registered.
pub(crate) struct AllNets(&'static Operations);

impl AllNets {
    /// Sets up all existing namespaces, and each new one.
    pub(crate) fn register(operations: &'static Operations, _once: Once<Self>) -> Result<Self> {
        // SAFETY: They are static and filled in. `_once` shows that no others use the one number there is.
        to_result(unsafe { bindings::register_pernet_subsys(operations.0.get()) })?;
        // INVARIANT: They have just been registered.
        Ok(Self(operations))
    }
}

impl Drop for AllNets {
    fn drop(&mut self) {
        // SAFETY: The operations are registered. The kernel ends it in each namespace.
        unsafe { bindings::unregister_pernet_subsys(self.0 .0.get()) }
    }
}

impl PerNet {
    /// What has `settings`.
    ///
    /// # Safety
    ///
    /// `settings` is the field of a [`PerNet`] whose fields are initialised but perhaps for `counted`, and which
    /// stays for `'a`.
    pub(super) unsafe fn with<'a>(settings: *mut Settings) -> &'a Self {
        // SAFETY: The settings are a field of what our caller says stays, and zeroes are valid for `counted`.
        unsafe { &*container_of!(settings, Self, settings) }
    }

    /// The reconciler of the groups.
    pub(super) fn reconciler(&self) -> &Reconciler {
        &self.reconciler
    }

    /// The handovers of the groups.
    pub(super) fn handovers(&self) -> &Handovers {
        &self.handovers
    }

    /// The resets of segments.
    pub(super) fn resets(&self) -> &Resets {
        &self.resets
    }
}

impl Net {
    /// The module's settings here.
    pub(crate) fn settings(&self) -> &Settings {
        &self.ours().settings
    }

    /// The module's counters here.
    pub(crate) fn stats(&self) -> &Stats {
        &self.ours().stats
    }

    /// The bookmarks of `/proc/net/anycast6` here.
    pub(crate) fn listing(&self) -> &Listing {
        &self.ours().listing
    }

    /// The reconciler of the groups here.
    pub(crate) fn reconciler(&self) -> &Reconciler {
        &self.ours().reconciler
    }

    /// The handovers of the groups here.
    pub(crate) fn handovers(&self) -> &Handovers {
        &self.ours().handovers
    }

    /// The alarm of the groups here: work that is done at a time.
    pub(crate) fn alarm(&self) -> &NetWork {
        &self.ours().alarm
    }

    /// The resets of segments here.
    pub(crate) fn resets(&self) -> &Resets {
        &self.ours().resets
    }

    /// Whether there is a group here.
    pub(crate) fn has_groups(&self) -> bool {
        self.ours().groups.load(Relaxed) > 0
    }

    /// Counts a group that must not fail.
    pub(crate) fn room(&self) -> Room {
        self.count_room().0
    }

    /// Counts a group. Fails with `ENOBUFS` at the limit (`net.ipv6.anycast6.max_groups`).
    pub(crate) fn room_if_free(&self) -> Result<Room> {
        let (room, others) = self.count_room();
        if others >= self.settings().max_groups() {
            return Err(ENOBUFS);
        }
        Ok(room)
    }

    /// Counts a group. Returns how many others there are.
    fn count_room(&self) -> (Room, u32) {
        let others = self.ours().groups.fetch_add(1, Relaxed);
        // INVARIANT: It has just been counted.
        (Room(NonNull::from(self.ours())), others)
    }

    fn ours(&self) -> &PerNet {
        // SAFETY: The namespace is alive and, by the invariant of `Net`, has what is ours.
        unsafe { &*of(self.as_ptr()) }
    }
}

/// The module's state in `net`.
///
/// # Safety
///
/// `net` is alive, and the kernel has called, or calls, [`begin()`] for it.
unsafe fn of(net: *mut bindings::net) -> *mut PerNet {
    // SAFETY: The kernel has set the number before it calls any of the operations.
    unsafe { bindings::anycast6_helper_net_generic(net, *ID.get()) }.cast()
}

/// # Safety
///
/// From the kernel, for a namespace that begins, or that is there when the module comes.
unsafe extern "C" fn begin<N: Namespace>(net: *mut bindings::net) -> c_int {
    // SAFETY: The kernel has allocated the memory, zeroed, and nobody else knows it. Zeroes are valid for all
    // fields but five, which are initialised before there is a `Net` (its invariant).
    let (ours, net) = unsafe {
        let (ours, known) = (of(net), NonNull::new_unchecked(net.cast()));
        pin_init::raw_init(&raw mut (*ours).listing, Listing::new());
        pin_init::raw_init(
            &raw mut (*ours).reconciler,
            Reconciler::new(known, N::reconcile),
        );
        pin_init::raw_init(&raw mut (*ours).handovers, Handovers::new(known));
        (&raw mut (*ours).alarm).write(NetWork::new(&work::SYSTEM, known, N::ring));
        pin_init::raw_init(&raw mut (*ours).resets, Resets::new::<N>(known));
        (ours, Net::from_raw(net))
    };
    from_result(|| {
        // SAFETY: `ours` stays until `end()`, or this fails; then what has begun is ended here.
        unsafe {
            Settings::begin(&raw mut (*ours).settings, net, initial_policy::<N>(net))?;
            let undo = |_: &Error| Settings::end(&raw mut (*ours).settings);
            proc_files::begin(net, N::FILES).inspect_err(undo)?;
            (&raw mut (*ours).counted).write(Counted::new());
            (*ours).reconciler.open();
            (*ours).handovers.open();
            (*ours).alarm.open();
        }
        Ok(0)
    })
}

/// # Safety
///
/// From the kernel, for a namespace that ends, or that is there when the module goes.
unsafe extern "C" fn end<N: Namespace>(net: *mut bindings::net) {
    // SAFETY: `begin()` began both, and nobody looks any more.
    unsafe {
        let ours = of(net);
        // A write of a setting may request work, or register the hook.
        Settings::end(&raw mut (*ours).settings);
        (*ours).alarm.close();
        (*ours).resets.close();
        (*ours).reconciler.close();
        (*ours).handovers.close();
        proc_files::end(Net::from_raw(net), N::FILES);
        (&raw mut (*ours).counted).drop_in_place();
    }
}

/// A new namespace inherits from the initial one.
fn initial_policy<N: Namespace>(net: &Net) -> Policy {
    match net.is_first() {
        true => N::first_policy(),
        // SAFETY: The first namespace is there for good, and the kernel begins with it.
        false => unsafe { Net::from_raw(&raw mut bindings::init_net) }
            .settings()
            .policy(),
    }
}
