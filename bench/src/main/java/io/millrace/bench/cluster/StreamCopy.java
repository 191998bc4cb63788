package io.millrace.bench.cluster;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What one stream of this machine can copy: a file in the page cache by sendfile over the loopback
 * interface into another file, which is then synced. Blocks.
 */
final class StreamCopy {
    private static final int BUFFER_BYTES = 1 << 20;

    private StreamCopy() {}

    /** Copies so many bytes between two files in a folder, and leaves nothing. */
    static double megabytesPerSecond(Path folder, long bytes) throws IOException {
        Path from = folder.resolve("stream-from");
        Path to = folder.resolve("stream-to");
        try (var source = FileChannel.open(from, CREATE_NEW, WRITE, READ);
                var target = FileChannel.open(to, CREATE_NEW, WRITE)) {
            fill(source, bytes);
            source.force(false);
            long startNs = System.nanoTime();
            copy(source, target, bytes);
            target.force(false);
            return bytes / 1e6 / ((System.nanoTime() - startNs) / 1e9);
        } finally {
            Files.deleteIfExists(from);
            Files.deleteIfExists(to);
        }
    }

    private static void fill(FileChannel file, long bytes) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (long left = bytes; left > 0; ) {
            block.clear().limit((int) Math.min(left, BUFFER_BYTES));
            left -= file.write(block);
        }
    }

    private static void copy(FileChannel from, FileChannel to, long bytes) throws IOException {
        try (var server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var sending =
                    CompletableFuture.runAsync(
                            () -> send(from, server),
                            task -> Thread.ofPlatform().name("stream").start(task));
            try (SocketChannel in = server.accept()) {
                receive(in, to, bytes);
            }
            sending.join();
        } catch (CompletionException e) {
            throw new IOException("the stream broke: " + e.getCause(), e);
        }
    }

    private static void receive(SocketChannel in, FileChannel to, long bytes) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (long left = bytes; left > 0; ) {
            int read = in.read(block.clear());
            if (read < 0) {
                throw new IOException("the stream ended %,d bytes early".formatted(left));
            }
            left -= read;
            block.flip();
            while (block.hasRemaining()) {
                to.write(block);
            }
        }
    }

    private static void send(FileChannel from, ServerSocketChannel server) {
        try (var out = SocketChannel.open(server.getLocalAddress())) {
            long size = from.size();
            for (long at = 0; at < size; ) {
                at += from.transferTo(at, size - at, out);
            }
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
