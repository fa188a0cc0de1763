// SPDX-License-Identifier: GPL-2.0

//! What all wrappers of kernel objects (faces) have in common.

/// The face of a kernel object: a type that exists behind references only. A reference proves that
/// the object is alive, by its count, by RCU, or by the promise of the caller.
///
/// # Safety
///
/// The type is a transparent [`Opaque`](kernel::types::Opaque) of `Object`.
pub(crate) unsafe trait Face: Sized {
    /// The kernel's type of the object.
    type Object;

    /// The kernel's pointer.
    fn as_ptr(&self) -> *mut Self::Object;

    /// Wraps the object at `ptr`.
    ///
    /// # Safety
    ///
    /// `ptr` points to such an object, which stays alive for `'a`, and the type's invariants hold for it.
    unsafe fn from_raw<'a>(ptr: *mut Self::Object) -> &'a Self {
        // SAFETY: The object is alive for `'a`, and `Self` a transparent `Opaque` of it.
        unsafe { &*ptr.cast() }
    }

    /// Wraps the object at `ptr`, if that is not null.
    ///
    /// # Safety
    ///
    /// `ptr` is null, or as for [`Face::from_raw()`].
    unsafe fn from_nullable<'a>(ptr: *mut Self::Object) -> Option<&'a Self> {
        // SAFETY: The object is alive for `'a` unless there is none, and `Self` a transparent `Opaque` of it.
        unsafe { ptr.cast::<Self>().as_ref() }
    }
}

/// Defines the face of a kernel object.
macro_rules! face {
    ($(#[$attribute:meta])* $name:ident($object:ty)) => {
        $(#[$attribute])*
        #[repr(transparent)]
        pub(crate) struct $name(kernel::types::Opaque<$object>);

        // SAFETY: It is a transparent `Opaque`.
        unsafe impl crate::sys::face::Face for $name {
            type Object = $object;

            fn as_ptr(&self) -> *mut $object {
                self.0.get()
            }
        }
    };
}

/// Reads a field, plain data, of a face's object, whoever writes it at this moment: `READ_ONCE()`.
macro_rules! read_once {
    ($face:expr, $($field:ident).+) => {{
        let object = $crate::sys::face::Face::as_ptr($face);
        // SAFETY: The object of a face is alive. A writer at this moment does no harm to a volatile read.
        unsafe { (&raw const (*object).$($field).+).read_volatile() }
    }};
}

/// Implements reference counting for [`ARef`](kernel::sync::aref::ARef), in any task, by the
/// functions `$hold` and `$put`.
macro_rules! counted {
    ($name:ident, $hold:path, $put:path) => {
        // SAFETY: All methods of the face may be called from any task.
        unsafe impl Send for $name {}
        // SAFETY: All methods of the face may be called from any task.
        unsafe impl Sync for $name {}

        // SAFETY: The two functions count the references that keep the object alive.
        unsafe impl kernel::sync::aref::AlwaysRefCounted for $name {
            fn inc_ref(&self) {
                // SAFETY: The object is alive.
                unsafe { $hold(self.as_ptr()) }
            }

            unsafe fn dec_ref(obj: core::ptr::NonNull<Self>) {
                // SAFETY: The caller gives back a reference that it has.
                unsafe { $put(obj.as_ptr().cast()) }
            }
        }
    };
}
