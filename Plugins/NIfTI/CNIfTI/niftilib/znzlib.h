/*
 * niftilib's headers say <znzlib.h>, but Debian installs the file in nifti/, which is not on the include path.
 */
#include <nifti/znzlib.h>
