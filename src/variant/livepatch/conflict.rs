// SPDX-License-Identifier: GPL-2.0

//! Other livepatches that have replaced one of our functions.
//!
//! Livepatches stack. One below ours would silently lose its effect, and regain it when ours is
//! removed, so loading is refused. One on top of ours is noticed: see [`others`](super::others).

use crate::bindings::{
    self,
    symbols, //
};
use core::iter::successors;
use kernel::{
    container_of,
    ffi::c_char,
    prelude::*,
    str::BStr, //
};

/// A function that two livepatches replace.
pub(crate) struct Conflict<'a> {
    /// The module of the other livepatch.
    pub(super) module: *mut bindings::module,
    /// The name of the other livepatch.
    pub(crate) patch: &'a BStr,
    /// The function.
    pub(crate) function: &'a BStr,
    /// The other livepatch replaces all others, ours too, and gives this function back to the
    /// kernel.
    pub(super) replaces_all: bool,
}

/// The first function of `own` that another livepatch has replaced and that is `wanted`.
///
/// # Safety
///
/// `klp_mutex` is held for `'a`, and `own` is the object of a livepatch that is known to the livepatch core.
pub(super) unsafe fn find<'a>(
    own: *mut bindings::klp_object,
    wanted: &dyn Fn(&Conflict<'a>) -> bool,
) -> Option<Conflict<'a>> {
    // SAFETY: The mutex keeps the lists and all that is on them; each list has the head and the
    // links of its kind.
    unsafe {
        items(symbols::klp_patches())
            .map(|link| container_of!(link, bindings::klp_patch, list))
            .find_map(|patch| find_in(patch, own, wanted))
    }
}

/// [`find()`] in one livepatch.
///
/// # Safety
///
/// As there; `patch` is known to the livepatch core.
unsafe fn find_in<'a>(
    patch: *mut bindings::klp_patch,
    own: *mut bindings::klp_object,
    wanted: &dyn Fn(&Conflict<'a>) -> bool,
) -> Option<Conflict<'a>> {
    // SAFETY: The mutex keeps `patch`, its lists, and all that is on them.
    unsafe {
        let theirs = items(&raw mut (*patch).obj_list)
            .map(|link| container_of!(link, bindings::klp_object, node))
            .filter(|&object| object != own);
        for object in theirs {
            let mut taken = functions(object).filter(|&func| (*func).patched && has(own, func));
            let conflict = taken.find_map(|func| Some(conflict(patch, func)).filter(wanted));
            if conflict.is_some() {
                return conflict;
            }
        }
    }
    None
}

/// Whether `object` replaces the same function as `func`.
///
/// # Safety
///
/// `klp_mutex` is held, and both are known to the livepatch core.
unsafe fn has(object: *mut bindings::klp_object, func: *mut bindings::klp_func) -> bool {
    // SAFETY: The mutex keeps both, the list of the first, and all that is on it.
    unsafe { functions(object).any(|own| (*own).old_func == (*func).old_func) }
}

/// # Safety
///
/// Both are known to the livepatch core, and `klp_mutex` is held for `'a`.
unsafe fn conflict<'a>(
    patch: *mut bindings::klp_patch,
    taken: *mut bindings::klp_func,
) -> Conflict<'a> {
    // SAFETY: The mutex keeps both for `'a`, and with them their names.
    unsafe {
        Conflict {
            module: (*patch).mod_,
            patch: name((*patch).kobj.name),
            function: name((*taken).old_name),
            replaces_all: (*taken).nop,
        }
    }
}

/// The functions of an object.
///
/// # Safety
///
/// `klp_mutex` is held, and `object` known to the livepatch core.
unsafe fn functions(
    object: *mut bindings::klp_object,
) -> impl Iterator<Item = *mut bindings::klp_func> {
    // SAFETY: The mutex keeps the object and its list, which has functions on it.
    unsafe {
        items(&raw mut (*object).func_list)
            .map(|link| container_of!(link, bindings::klp_func, node))
    }
}

/// The links of a list.
///
/// # Safety
///
/// `head` is the head of a list that does not change while the iterator lives.
unsafe fn items(head: *mut bindings::list_head) -> impl Iterator<Item = *mut bindings::list_head> {
    let behind = move |link: *mut bindings::list_head| {
        // SAFETY: A list is a ring of links that ends at its head.
        let next = unsafe { (*link).next };
        (next != head).then_some(next)
    };
    successors(behind(head), move |&link| behind(link))
}

/// A name that the livepatch core keeps.
///
/// # Safety
///
/// `ptr` ends in a zero byte and stays alive for `'a`.
unsafe fn name<'a>(ptr: *const c_char) -> &'a BStr {
    // SAFETY: The name ends in a zero byte, and stays for `'a`.
    BStr::from_bytes(unsafe { CStr::from_char_ptr(ptr) }.to_bytes())
}
