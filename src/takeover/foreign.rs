// SPDX-License-Identifier: GPL-2.0

//! Other livepatches that have one of our functions.
//!
//! The kernel lets livepatches stack; what is below ours would silently lose its effect, and come
//! back when ours goes. So ours is refused.

use super::symbols;
use crate::bindings;
use core::iter::successors;
use kernel::{
    container_of,
    ffi::c_char,
    prelude::*,
    str::BStr, //
};

/// A function that two livepatches want.
pub(crate) struct Conflict<'a> {
    /// The livepatch that has it.
    pub(crate) patch: &'a BStr,
    /// The function.
    pub(crate) function: &'a BStr,
}

/// The first function of `object`, which is part of `own`, that another livepatch has.
///
/// # Safety
///
/// `klp_mutex` is held for `'a`, and both are known to the livepatch core.
pub(crate) unsafe fn find<'a>(
    own: *mut bindings::klp_patch,
    object: *mut bindings::klp_object,
) -> Option<Conflict<'a>> {
    // SAFETY: The mutex keeps the lists and all that is on them; each list has the head and the
    // links of its kind.
    unsafe {
        let mut others = items(symbols::klp_patches())
            .map(|link| container_of!(link, bindings::klp_patch, list))
            .filter(|&patch| patch != own);
        others.find_map(|patch| {
            let taken = functions_of(patch).find(|&theirs| {
                functions(object).any(|ours| (*ours).old_func == (*theirs).old_func)
            })?;
            Some(Conflict {
                patch: name((*patch).kobj.name),
                function: name((*taken).old_name),
            })
        })
    }
}

/// All functions of a livepatch that are in force.
///
/// # Safety
///
/// `klp_mutex` is held, and `patch` on the list of livepatches.
unsafe fn functions_of(
    patch: *mut bindings::klp_patch,
) -> impl Iterator<Item = *mut bindings::klp_func> {
    // SAFETY: As in `find()`.
    unsafe {
        items(&raw mut (*patch).obj_list)
            .map(|link| container_of!(link, bindings::klp_object, node))
            .flat_map(|object| functions(object))
            .filter(|&func| (*func).patched)
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
    // SAFETY: As in `find()`.
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
    // SAFETY: As above.
    BStr::from_bytes(unsafe { CStr::from_char_ptr(ptr) }.to_bytes())
}
