// Of sync_mixed.c: a frame of C++ between those of C.
extern "C" void note(int what);

struct Frame {
    ~Frame() { note(2); }
};

extern "C" void through_a_frame(void (*next)())
{
    Frame frame;
    next();
}
