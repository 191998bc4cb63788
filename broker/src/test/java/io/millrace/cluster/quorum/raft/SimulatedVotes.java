package io.millrace.cluster.quorum.raft;

import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.raft.ElectionState;
import org.apache.kafka.raft.QuorumStateStore;
import org.apache.kafka.raft.generated.QuorumStateData;
import org.apache.kafka.server.common.KRaftVersion;

/** A voter's epoch and vote on a simulated disk. */
final class SimulatedVotes implements QuorumStateStore {
    private final Disk disk;
    private final Path file;
    private final boolean synced;

    /**
     * @param synced whether a vote is on the disk before it is given, as it has to be
     */
    SimulatedVotes(Disk disk, Path file, boolean synced) {
        this.disk = disk;
        this.file = file;
        this.synced = synced;
    }

    @Override
    public Optional<ElectionState> readElectionState() {
        try {
            ByteBuffer bytes = disk.readWhole(file);
            if (!bytes.hasRemaining()) {
                return Optional.empty();
            }
            short version = bytes.getShort();
            var data = new QuorumStateData(new ByteBufferAccessor(bytes), version);
            return Optional.of(ElectionState.fromQuorumStateData(data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void writeElectionState(ElectionState election, KRaftVersion kraft) {
        short version = kraft.quorumStateVersion();
        ByteBuffer data =
                MessageUtil.toByteBufferAccessor(election.toQuorumStateData(version), version)
                        .buffer();
        var bytes = ByteBuffer.allocate(Short.BYTES + data.remaining());
        bytes.putShort(version).put(data).flip();
        try {
            disk.replace(file, bytes, synced);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Path path() {
        return file;
    }

    @Override
    public void clear() {
        try {
            disk.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
