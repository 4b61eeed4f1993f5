/* libcrypto's digests, for PonsEngine's Store/Digest.swift and for UIDs of DICOM that is written. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
