#include "pons_writing.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "guarded.hpp"
#include "header.hpp"

namespace {

constexpr size_t chunk = 16384;

// Each character that is not ASCII becomes an 'x': DCMTK counts the characters of ASCII only.
std::string folded(const char *text) {
  std::string result;
  for (; *text != 0; text++) {
    const unsigned char byte = static_cast<unsigned char>(*text);
    if (byte < 0x80) {
      result.push_back(*text);
    } else if (byte >= 0xc0) {
      result.push_back('x');
    }
  }
  return result;
}

// The most characters of a value (DICOM PS3.5 6.2), which DCMTK does not check; 0 where it does, or there is no limit.
size_t longest(DcmEVR representation) {
  switch (representation) {
    case EVR_SH: return 16;
    case EVR_LO: return 64;
    case EVR_PN: return 64;
    case EVR_ST: return 1024;
    default: return 0;
  }
}

// A name has up to three groups of characters, each of which may be as long.
bool fits(const std::string &text, DcmEVR representation) {
  const size_t limit = longest(representation);
  if (limit == 0) return true;
  const char *separators = representation == EVR_PN ? "\\=" : representation == EVR_ST ? "" : "\\";
  size_t begin = 0;
  while (true) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end - begin > limit) return false;
    if (end == text.size()) return true;
    begin = end + 1;
  }
}

// Whether the value representation and the number of values allow a text.
bool is_allowed(const DcmTag &tag, const char *text) {
  if (*text == 0) return true;
  const DcmDataDictionary &dictionary = dcmDataDict.rdlock();
  const DcmDictEntry *entry = dictionary.findEntry(tag, nullptr);
  const bool is_single = entry != nullptr && entry->getVMMax() == 1;
  dcmDataDict.rdunlock();
  DcmElement *made = nullptr;
  if (DcmItem::newDicomElement(made, tag).bad() || made == nullptr) return false;
  std::unique_ptr<DcmElement> element(made);
  const std::string characters = folded(text);
  return fits(characters, element->ident()) && element->putString(characters.c_str()).good() &&
         element->checkValue(is_single ? "1" : "1-n").good();
}

// The element's tag, VR, two reserved bytes, and length, little endian (DICOM PS3.5 7.1.2).
void append_pixel_head(std::vector<uint8_t> &bytes, bool is_wide, uint32_t count) {
  const uint8_t head[8] = {0xe0, 0x7f, 0x10, 0x00, 'O', static_cast<uint8_t>(is_wide ? 'W' : 'B'),
                           0,    0};
  bytes.insert(bytes.end(), head, head + 8);
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<uint8_t>(count >> shift));
  }
}

}  // namespace

extern "C" {

pons_header *pons_header_make(void) {
  return pons::guarded<pons_header *>(nullptr, []() -> pons_header * {
    pons::quiet();
    auto made = std::make_unique<pons_header>();
    DcmDataset *dataset = made->file.getDataset();
    if (dataset->putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 192").bad()) return nullptr;
    return made.release();
  });
}

void pons_header_free(pons_header *header) {
  pons::guarded(0, [&] {
    delete header;
    return 0;
  });
}

int32_t pons_header_set(pons_header *header, uint16_t group, uint16_t element, const char *text) {
  return pons::guarded<int32_t>(-1, [&]() -> int32_t {
    DcmItem *target = header->target();
    const DcmTag tag(group, element);
    target->findAndDeleteElement(tag);
    if (!is_allowed(tag, text)) return -1;
    return target->putAndInsertString(tag, text).good() ? 0 : -1;
  });
}

int32_t pons_header_begin_item(pons_header *header, uint16_t group, uint16_t element) {
  return pons::guarded<int32_t>(-1, [&]() -> int32_t {
    DcmItem *item = nullptr;
    // -2: behind the items that are there.
    const OFCondition status =
        header->target()->findOrCreateSequenceItem(DcmTag(group, element), item, -2);
    if (status.bad() || item == nullptr) return -1;
    header->open.push_back(item);
    return 0;
  });
}

void pons_header_end_item(pons_header *header) {
  if (!header->open.empty()) header->open.pop_back();
}

int64_t pons_header_encode(pons_header *header, uint32_t pixel_bytes, const uint8_t **bytes,
                           char *message, uint64_t capacity) {
  return pons::guarded<int64_t>(-1, [&]() -> int64_t {
    const auto refuse = [&](const OFCondition &status) -> int64_t {
      pons::describe(status.text(), message, capacity);
      return -1;
    };
    DcmFileFormat &file = header->file;
    Uint16 bits = 0;
    OFCondition status = file.getDataset()->findAndGetUint16(DCM_BitsAllocated, bits);
    if (status.bad()) return refuse(status);
    status = file.validateMetaInfo(EXS_LittleEndianExplicit);
    if (status.bad()) return refuse(status);
    std::vector<uint8_t> &encoded = header->encoded;
    encoded.clear();
    std::vector<uint8_t> buffer(chunk);
    DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
    file.transferInit();
    while (true) {
      status = file.write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr,
                          EGL_recalcGL, EPD_noChange);
      void *part = nullptr;
      offile_off_t count = 0;
      stream.flushBuffer(part, count);
      const uint8_t *begin = static_cast<const uint8_t *>(part);
      encoded.insert(encoded.end(), begin, begin + count);
      if (status != EC_StreamNotifyClient) break;
    }
    file.transferEnd();
    if (status.bad()) return refuse(status);
    append_pixel_head(encoded, bits > 8, pixel_bytes);
    *bytes = encoded.data();
    return static_cast<int64_t>(encoded.size());
  });
}

}  // extern "C"
