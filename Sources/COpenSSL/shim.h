/* libcrypto's digests, for PonsEngine's Store/Digest.swift alone. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
