#include "pons_dataset.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "guarded.hpp"

struct pons_dataset {
  DcmDataset dataset;
  std::vector<char> bytes;
};

namespace {

DcmItem *item_of(pons_item *item) { return reinterpret_cast<DcmItem *>(item); }
pons_item *handle_of(DcmItem *item) { return reinterpret_cast<pons_item *>(item); }

DcmElement *find(pons_item *item, uint16_t group, uint16_t element) {
  DcmElement *found = nullptr;
  const OFCondition status = item_of(item)->findAndGetElement(DcmTagKey(group, element), found);
  return status.good() ? found : nullptr;
}

// Spaces and zeros fill values up; everything else must be part of the number.
bool parse_decimal(const std::string &text, double &number) {
  size_t begin = 0;
  size_t end = text.size();
  const auto is_padding = [](char c) { return c == ' ' || c == '\0'; };
  while (begin < end && is_padding(text[begin])) begin++;
  while (end > begin && is_padding(text[end - 1])) end--;
  if (begin == end) return false;
  for (size_t index = begin; index < end; index++) {
    if (std::strchr("+-.0123456789eE", text[index]) == nullptr) return false;
  }
  OFBool is_good = OFFalse;
  // Not strtod, which reads a decimal comma where the locale wants one.
  number = OFStandard::atof(text.substr(begin, end - begin).c_str(), &is_good);
  return is_good && std::isfinite(number);
}

int64_t decimal_numbers(const std::string &text, double *numbers, uint64_t capacity) {
  uint64_t count = 0;
  size_t begin = 0;
  while (true) {
    const size_t end = text.find('\\', begin);
    double number = 0;
    if (!parse_decimal(text.substr(begin, end - begin), number)) return PONS_REFUSED;
    if (count < capacity) numbers[count] = number;
    count++;
    if (end == std::string::npos) return static_cast<int64_t>(count);
    begin = end + 1;
  }
}

int64_t text_numbers(DcmElement *element, double *numbers, uint64_t capacity) {
  OFString whole;
  if (element->getOFStringArray(whole, OFFalse).bad()) return PONS_REFUSED;
  if (whole.empty()) return 0;
  return decimal_numbers(std::string(whole.c_str(), whole.length()), numbers, capacity);
}

// Numbers as text in an element whose representation the file does not tell (private ones in implicit VR).
int64_t unknown_numbers(DcmElement *element, double *numbers, uint64_t capacity) {
  Uint8 *bytes = nullptr;
  const Uint32 size = element->getLength();
  if (size > 1024 || element->getUint8Array(bytes).bad()) return PONS_REFUSED;
  if (size == 0 || bytes == nullptr) return 0;
  const char *begin = reinterpret_cast<const char *>(bytes);
  return decimal_numbers(std::string(begin, begin + size), numbers, capacity);
}

template <typename Value, typename Get>
int64_t binary_numbers(DcmElement *element, double *numbers, uint64_t capacity, Get get) {
  const unsigned long count = element->getVM();
  for (unsigned long index = 0; index < count && index < capacity; index++) {
    Value value{};
    if (get(value, index).bad()) return PONS_REFUSED;
    numbers[index] = static_cast<double>(value);
    if (!std::isfinite(numbers[index])) return PONS_REFUSED;
  }
  return static_cast<int64_t>(count);
}

}  // namespace

extern "C" {

pons_dataset *pons_dataset_parse(const void *bytes, uint64_t size, int32_t encoding, char *message,
                                 uint64_t capacity) {
  return pons::guarded<pons_dataset *>(nullptr, [&]() -> pons_dataset * {
    pons::quiet();
    auto made = std::make_unique<pons_dataset>();
    const char *begin = static_cast<const char *>(bytes);
    made->bytes.assign(begin, begin + size);
    DcmInputBufferStream stream;
    if (size > 0) stream.setBuffer(made->bytes.data(), static_cast<offile_off_t>(size));
    stream.setEos();
    const E_TransferSyntax syntax = encoding == PONS_IMPLICIT_LITTLE   ? EXS_LittleEndianImplicit
                                    : encoding == PONS_EXPLICIT_LITTLE ? EXS_LittleEndianExplicit
                                                                       : EXS_BigEndianExplicit;
    made->dataset.transferInit();
    const OFCondition status = made->dataset.read(stream, syntax, EGL_noChange);
    made->dataset.transferEnd();
    if (status.bad() && status != EC_EndOfStream) {
      pons::describe(status.text(), message, capacity);
      return nullptr;
    }
    return made.release();
  });
}

void pons_dataset_free(pons_dataset *dataset) {
  pons::guarded(0, [&] {
    delete dataset;
    return 0;
  });
}

pons_item *pons_dataset_root(pons_dataset *dataset) { return handle_of(&dataset->dataset); }

int64_t pons_item_text(pons_item *item, uint16_t group, uint16_t element, char *text,
                       uint64_t capacity) {
  return pons::guarded<int64_t>(PONS_REFUSED, [&]() -> int64_t {
    DcmElement *found = find(item, group, element);
    if (found == nullptr) return PONS_ABSENT;
    OFString value;
    if (found->getOFStringArray(value, OFFalse).bad()) return PONS_REFUSED;
    bool is_ascii = true;
    for (size_t index = 0; index < value.length(); index++) {
      if (static_cast<unsigned char>(value[index]) >= 0x80 || value[index] == 0x1b) is_ascii = false;
    }
    if (!is_ascii) {
      OFString sets;
      DcmItem *root = item_of(item);
      while (root->getParent() != nullptr && root->tagExists(DCM_SpecificCharacterSet) == OFFalse) {
        DcmObject *parent = root->getParent();
        DcmObject *above = parent != nullptr ? parent->getParent() : nullptr;
        DcmItem *next = dynamic_cast<DcmItem *>(parent);
        if (next == nullptr) next = dynamic_cast<DcmItem *>(above);
        if (next == nullptr) break;
        root = next;
      }
      root->findAndGetOFStringArray(DCM_SpecificCharacterSet, sets);
      DcmSpecificCharacterSet converter;
      OFString converted;
      if (converter.selectCharacterSet(sets).good() &&
          converter.convertString(value, converted, "\\").good()) {
        value = converted;
      }
    }
    const uint64_t length = value.length();
    std::memcpy(text, value.c_str(), length < capacity ? length : capacity);
    return static_cast<int64_t>(length);
  });
}

int64_t pons_item_numbers(pons_item *item, uint16_t group, uint16_t element, double *numbers,
                          uint64_t capacity) {
  return pons::guarded<int64_t>(PONS_REFUSED, [&]() -> int64_t {
    DcmElement *found = find(item, group, element);
    if (found == nullptr) return PONS_ABSENT;
    switch (found->ident()) {
      case EVR_DS:
      case EVR_IS:
      case EVR_LO:
      case EVR_SH:
      case EVR_CS:
        return text_numbers(found, numbers, capacity);
      case EVR_US:
        return binary_numbers<Uint16>(found, numbers, capacity, [&](Uint16 &value, unsigned long i) {
          return found->getUint16(value, i);
        });
      case EVR_SS:
        return binary_numbers<Sint16>(found, numbers, capacity, [&](Sint16 &value, unsigned long i) {
          return found->getSint16(value, i);
        });
      case EVR_UL:
        return binary_numbers<Uint32>(found, numbers, capacity, [&](Uint32 &value, unsigned long i) {
          return found->getUint32(value, i);
        });
      case EVR_SL:
        return binary_numbers<Sint32>(found, numbers, capacity, [&](Sint32 &value, unsigned long i) {
          return found->getSint32(value, i);
        });
      case EVR_FL:
        return binary_numbers<Float32>(
            found, numbers, capacity,
            [&](Float32 &value, unsigned long i) { return found->getFloat32(value, i); });
      case EVR_FD:
        return binary_numbers<Float64>(
            found, numbers, capacity,
            [&](Float64 &value, unsigned long i) { return found->getFloat64(value, i); });
      case EVR_UN:
      case EVR_UNKNOWN:
        return unknown_numbers(found, numbers, capacity);
      default:
        return PONS_REFUSED;
    }
  });
}

int64_t pons_decimal_numbers(const void *text, uint64_t size, double *numbers, uint64_t capacity) {
  return pons::guarded<int64_t>(PONS_REFUSED, [&] {
    return decimal_numbers(std::string(static_cast<const char *>(text), size), numbers, capacity);
  });
}

int64_t pons_item_count(pons_item *item, uint16_t group, uint16_t element) {
  return pons::guarded<int64_t>(PONS_REFUSED, [&]() -> int64_t {
    DcmElement *found = find(item, group, element);
    if (found == nullptr) return PONS_ABSENT;
    DcmSequenceOfItems *sequence = dynamic_cast<DcmSequenceOfItems *>(found);
    if (sequence == nullptr) return PONS_REFUSED;
    return static_cast<int64_t>(sequence->card());
  });
}

pons_item *pons_item_child(pons_item *item, uint16_t group, uint16_t element, uint64_t index) {
  return pons::guarded<pons_item *>(nullptr, [&]() -> pons_item * {
    DcmSequenceOfItems *sequence = dynamic_cast<DcmSequenceOfItems *>(find(item, group, element));
    if (sequence == nullptr || index >= sequence->card()) return nullptr;
    return handle_of(sequence->getItem(static_cast<unsigned long>(index)));
  });
}

}  // extern "C"
