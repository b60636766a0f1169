#include "keys/key_mac_words.h"

#include <string.h>

enum { SHORTEST_KEY = 16, MOST_ENDS = 5 };

typedef struct search {
    const rf_mac *macs;
    uint64_t mac_count;
    const uint8_t *data;
    rf_words *words;
    uint64_t *budget;
    rf_word *hits;
    uint32_t capacity;
    uint32_t found;
} search;

static int is_printable(uint8_t byte) { return byte >= ' ' && byte <= '~'; }

static int is_quote(uint8_t byte) { return byte == '"' || byte == '\'' || byte == '`'; }

/* Not the zero byte, which strchr finds as well. */
static int is_in(const char *set, uint8_t byte) { return byte != 0 && strchr(set, byte) != NULL; }

static int hex_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
        : c >= 'a' && c <= 'f'  ? c - 'a' + 10
        : c >= 'A' && c <= 'F'  ? c - 'A' + 10
                                : -1;
}

static uint32_t from_hex(const uint8_t *text, uint32_t length, uint8_t *key)
{
    if (length % 2)
        return 0;
    for (uint32_t i = 0; i < length; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return 0;
        key[i / 2] = (uint8_t)(high << 4 | low);
    }
    return length / 2;
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Letters of both cases: of random ones in base64 one in 100,000 has only one, and of names and paths most have. */
static int is_mixed(const uint8_t *text, uint32_t length)
{
    int upper = 0, lower = 0;
    for (uint32_t i = 0; i < length; i++) {
        upper |= text[i] >= 'A' && text[i] <= 'Z';
        lower |= text[i] >= 'a' && text[i] <= 'z';
    }
    return upper && lower;
}

static uint32_t from_base64(const uint8_t *text, uint32_t length, uint8_t *key)
{
    uint32_t bits = 0, held = 0, bytes = 0;
    for (int i = 0; i < 2 && length && text[length - 1] == '='; i++)
        length--;
    if (length % 4 == 1 || !is_mixed(text, length))
        return 0;
    for (uint32_t i = 0; i < length; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            return 0;
        held = (held << 6 | (uint32_t)digit) & 0xffff;
        bits += 6;
        if (bits >= 8)
            key[bytes++] = (uint8_t)(held >> (bits -= 8));
    }
    return bytes;
}

uint32_t rf_word_key(uint32_t notation, const uint8_t *text, uint32_t length, uint8_t *key)
{
    if (length > (notation == RF_WORD_TEXT ? RF_LONGEST_TEXT : RF_LONGEST_WORD))
        return 0;
    if (notation == RF_WORD_HEX)
        return from_hex(text, length, key);
    if (notation == RF_WORD_BASE64)
        return from_base64(text, length, key);
    memcpy(key, text, length);
    return length;
}

static void spend(uint64_t *budget, uint64_t cost) { *budget -= cost < *budget ? cost : *budget; }

/* The finalizer of splitmix64 after each letter's step of FNV-1a. Never 0, which is an empty place. */
static uint64_t hash_of(const uint8_t *text, uint32_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ text[i]) * 0x100000001b3u;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
    return (hash ^ hash >> 31) | 1;
}

/* Whether a word was there before; else it is noted. */
static int is_known(rf_words *words, uint64_t hash)
{
    uint64_t at = hash & (words->room - 1);
    while (words->hashes[at] && words->hashes[at] != hash)
        at = (at + 1) & (words->room - 1);
    if (words->hashes[at])
        return 1;
    words->hashes[at] = hash;
    words->count++;
    return 0;
}

static void note(search *s, rf_word word)
{
    if (s->found < s->capacity)
        s->hits[s->found++] = word;
}

static void try_key(search *s, rf_word word, uint32_t notation)
{
    uint8_t key[RF_LONGEST_WORD];
    const uint32_t bytes = rf_word_key(notation, s->data + word.offset, word.length, key);
    if (bytes < SHORTEST_KEY)
        return;
    for (uint64_t i = 0; i < s->mac_count; i++) {
        spend(s->budget, rf_mac_cost(&s->macs[i], bytes));
        if (!rf_mac_of_key(&s->macs[i], key, bytes))
            continue;
        word.notation = notation;
        note(s, word);
        if (s->words->found_count < RF_WORDS_FOUND)
            s->words->found[s->words->found_count++] = word;
        return;
    }
}

static void try_word(search *s, size_t offset, uint32_t length)
{
    rf_word word = {.hash = hash_of(s->data + offset, length), .offset = offset, .length = length};
    if (is_known(s->words, word.hash)) {
        for (uint64_t i = 0; i < s->words->found_count; i++) {
            const rf_word *before = &s->words->found[i];
            if (before->hash == word.hash && before->length == length)
                note(s, (rf_word){.hash = word.hash, .offset = offset, .length = length, .notation = before->notation});
        }
        return;
    }
    for (uint32_t notation = RF_WORD_TEXT; notation <= RF_WORD_BASE64; notation++)
        try_key(s, word, notation);
}

/* How far a word may reach that begins at `at`, in a line up to `end`: to the first space or quote, or to a sign before that; and where a value
 * begins, which may have spaces, to the quote; the line itself may have quotes as well. */
static void look(search *s, size_t at, size_t end, int is_value, int is_line)
{
    const size_t most = end - at < RF_LONGEST_WORD + 1 ? end : at + RF_LONGEST_WORD + 1;
    size_t word = at, closing = 0, joining = 0, quote = 0;
    for (; word < most && s->data[word] != ' ' && !is_quote(s->data[word]); word++) {
        if (!closing && is_in(",;)]}<>|\\", s->data[word]))
            closing = word;
        if (!joining && is_in("&@", s->data[word]))
            joining = word;
    }
    for (quote = word; is_value && quote < most && !is_quote(s->data[quote]);)
        quote++;
    const size_t ends[] = {word, closing, joining, is_value && quote != word ? quote : 0,
                           is_line && quote != end ? end : 0};
    spend(s->budget, 1 + (quote - at) / 64);
    for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends[i] >= at + RF_SHORTEST_WORD && ends[i] - at <= RF_LONGEST_WORD)
            try_word(s, at, (uint32_t)(ends[i] - at));
}

/* Each word that begins in a line, from `at` on. Returns where to go on. */
static size_t look_in_line(search *s, size_t at, size_t end)
{
    for (; end - at >= RF_SHORTEST_WORD; at++) {
        const int is_line = at == 0 || !is_printable(s->data[at - 1]);
        const uint8_t before = is_line ? '=' : s->data[at - 1];
        if (s->found + MOST_ENDS * 3 > s->capacity || *s->budget == 0)
            return at;
        if (before == '=' || is_quote(before))
            look(s, at, end, 1, is_line);
        else if (is_in(" :,;([{<>@&?|", before))
            look(s, at, end, 0, 0);
        if (s->words->count > s->words->room / 4 * 3)
            *s->budget = 0;
    }
    return end;
}

uint32_t rf_find_mac_words(const rf_mac *macs, uint64_t mac_count, const uint8_t *data, size_t size, rf_words *words,
                           size_t *from, uint64_t *budget, rf_word *hits, uint32_t capacity)
{
    search s = {.macs = macs,
                .mac_count = mac_count,
                .data = data,
                .words = words,
                .budget = budget,
                .hits = hits,
                .capacity = capacity};
    size_t at = *from, end = at;
    while (at < size) {
        if (!is_printable(data[at])) {
            at++;
            continue;
        }
        for (end = end > at ? end : at; end < size && is_printable(data[end]);)
            end++;
        at = look_in_line(&s, at, end);
        if (at < end)
            break;
    }
    *from = at;
    return s.found;
}
