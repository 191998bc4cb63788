package io.millrace.cluster.metadata;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntConsumer;

/**
 * The partitions of a topic in the order of their indexes. Immutable. Kept in chunks that lists
 * share: a change of one partition of 100,000 copies some kilobytes, and what two lists differ in
 * is found without looking at the rest.
 */
final class PartitionList extends AbstractList<PartitionImage> implements RandomAccess {
    /** About the root of the most partitions that a topic may have. */
    private static final int CHUNK = 256;

    private final PartitionImage[][] chunks;
    private final int size;

    private PartitionList(PartitionImage[][] chunks, int size) {
        this.chunks = chunks;
        this.size = size;
    }

    /** The same partitions in the same order. */
    static PartitionList of(List<PartitionImage> partitions) {
        if (partitions instanceof PartitionList same) {
            return same;
        }
        var chunks = new PartitionImage[chunksOf(partitions.size())][];
        for (int i = 0; i < chunks.length; i++) {
            int from = i * CHUNK;
            int to = Math.min(from + CHUNK, partitions.size());
            chunks[i] = partitions.subList(from, to).toArray(new PartitionImage[0]);
        }
        return new PartitionList(chunks, partitions.size());
    }

    private static int chunksOf(int size) {
        return (size + CHUNK - 1) / CHUNK;
    }

    @Override
    public PartitionImage get(int index) {
        Objects.checkIndex(index, size);
        return chunks[index / CHUNK][index % CHUNK];
    }

    @Override
    public int size() {
        return size;
    }

    /** Gives the index of each partition that an earlier list has otherwise, or not at all. */
    void forEachChanged(PartitionList before, IntConsumer changed) {
        for (int i = 0; i < chunks.length; i++) {
            if (i < before.chunks.length && Arrays.equals(chunks[i], before.chunks[i])) {
                continue;
            }
            int from = i * CHUNK;
            for (int index = from; index < from + chunks[i].length; index++) {
                if (index >= before.size || !get(index).equals(before.get(index))) {
                    changed.accept(index);
                }
            }
        }
    }

    /** Begins the next list. */
    Editor edit() {
        return new Editor(this);
    }

    /** Makes the next list from one, and copies each chunk once. Used by one thread, once. */
    static final class Editor {
        private PartitionImage[][] chunks;
        private int size;

        /** Chunks that no list has. */
        private final BitSet own = new BitSet();

        private Editor(PartitionList before) {
            chunks = before.chunks.clone();
            size = before.size;
        }

        int size() {
            return size;
        }

        PartitionImage get(int index) {
            Objects.checkIndex(index, size);
            return chunks[index / CHUNK][index % CHUNK];
        }

        void set(PartitionImage partition) {
            int index = Objects.checkIndex(partition.index(), size);
            ownChunk(index / CHUNK)[index % CHUNK] = partition;
        }

        void add(PartitionImage partition) {
            int chunk = size / CHUNK;
            if (chunk >= chunks.length) {
                chunks = Arrays.copyOf(chunks, Math.max(1, 2 * chunks.length));
            }
            if (size % CHUNK == 0) {
                chunks[chunk] = new PartitionImage[CHUNK];
                own.set(chunk);
            } else if (chunks[chunk].length < CHUNK) {
                chunks[chunk] = Arrays.copyOf(chunks[chunk], CHUNK);
                own.set(chunk);
            }
            chunks[chunk][size % CHUNK] = partition;
            size++;
        }

        private PartitionImage[] ownChunk(int chunk) {
            if (!own.get(chunk)) {
                own.set(chunk);
                chunks[chunk] = chunks[chunk].clone();
            }
            return chunks[chunk];
        }

        PartitionList build() {
            PartitionImage[][] all = Arrays.copyOf(chunks, chunksOf(size));
            int last = all.length - 1;
            if (last >= 0 && all[last].length > size - last * CHUNK) {
                all[last] = Arrays.copyOf(all[last], size - last * CHUNK);
            }
            return new PartitionList(all, size);
        }
    }
}
