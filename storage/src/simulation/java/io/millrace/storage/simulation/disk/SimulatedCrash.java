package io.millrace.storage.simulation.disk;

/** The process dies here: whatever was being done stays half done. */
public final class SimulatedCrash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulatedCrash(String during) {
        super("crash during " + during);
    }
}
