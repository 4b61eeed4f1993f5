#include "pons_writing.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <memory>
#include <vector>

#include "guarded.hpp"

struct pons_header {
  DcmFileFormat file;
  std::vector<uint8_t> encoded;
};

namespace {

constexpr size_t chunk = 16384;

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
    DcmDataset *dataset = header->file.getDataset();
    const DcmTag tag(group, element);
    dataset->findAndDeleteElement(tag);
    DcmElement *made = nullptr;
    if (DcmItem::newDicomElement(made, tag).bad() || made == nullptr) return -1;
    std::unique_ptr<DcmElement> owned(made);
    if (owned->putString(text).bad()) return -1;
    // Without an item around it, an element does not know its character set; inside, it is checked as UTF-8.
    if (dataset->insert(owned.get(), OFTrue).bad()) return -1;
    owned.release();
    if (made->getLength() > 0 && made->checkValue().bad()) {
      dataset->findAndDeleteElement(tag);
      return -1;
    }
    return 0;
  });
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
