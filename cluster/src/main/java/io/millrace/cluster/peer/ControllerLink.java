package io.millrace.cluster.peer;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;

/** Reaches the controllers of other nodes. Called on the metadata thread; does not block. */
public interface ControllerLink {
    /**
     * Sends a request to a node, which answers it with {@code MetadataService.serve}. Done on any
     * thread. Fails with an {@link java.io.IOException} if no answer came, in bounded time; the
     * request may have arrived all the same.
     */
    CompletableFuture<ByteString> ask(int node, ByteString request);
}
