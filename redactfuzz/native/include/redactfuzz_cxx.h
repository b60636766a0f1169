/* Comes before each C++ source of the build with hooks: std::string is made of the program's code, and not taken from the
 * library, whose code has no hooks and whose memory is not the program's. */
#if __has_include(<bits/c++config.h>)
#include <bits/c++config.h>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
#endif
