// The list of all records. It only grows; a closed state's record is used again.
#include <stdlib.h>
#include <string.h>
#include "record.h"

static _Atomic(struct qlua_record *) first_record;

struct qlua_record *qlua_record_first(void) { return atomic_load(&first_record); }

struct qlua_record *qlua_record_new(void) {
  for (struct qlua_record *record = qlua_record_first(); record != NULL; record = record->next) {
    int unused = 0;
    if (atomic_compare_exchange_strong(&record->in_use, &unused, 1)) return record;
  }
  struct qlua_record *record = calloc(1, sizeof *record);
  if (record == NULL) return NULL;
  atomic_store(&record->in_use, 1);
  struct qlua_record *head = qlua_record_first();
  do {
    record->next = head;
  } while (!atomic_compare_exchange_weak(&first_record, &head, record));
  return record;
}

void qlua_record_free(struct qlua_record *record) {
  free(record->classes);
  free(record->warn_text);
  qlua_free_identity(&record->identity);
  for (int i = 0; i < QLUA_SPARE_SIZES; i++)
    while (record->spare[i] != NULL) {
      void *following = *(void **)record->spare[i];
      free(record->spare[i]);
      record->spare[i] = following;
    }
  // Only `next` must survive, for those who walk the list.
  struct qlua_record *next = record->next;
  record->running = NULL;
  memset((char *)record, 0, offsetof(struct qlua_record, in_use));
  memset((char *)&record->next + sizeof next, 0, sizeof *record - offsetof(struct qlua_record, next) - sizeof next);
  atomic_store(&record->in_use, 0);
}
