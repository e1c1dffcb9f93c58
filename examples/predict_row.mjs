// A run of thalweg in another language: node predict_row.mjs model.onnx '{"age": 41, "ward": "a"}'
//
// The file comes from run.save_onnx("model.onnx"); onnxruntime-node from npm. Every column of the table is an input
// [rows 1] by its name: text for a category, a number otherwise; what a row lacks is missing.
import * as ort from "onnxruntime-node";

const [path, text] = process.argv.slice(2);
const row = JSON.parse(text);
const session = await ort.InferenceSession.create(path);
const feeds = {};
for (const column of session.inputMetadata) {
  const value = row[column.name];
  feeds[column.name] =
    column.type === "string"
      ? new ort.Tensor("string", [value ?? ""], [1, 1])
      : new ort.Tensor("float64", [Number(value ?? NaN)], [1, 1]);
}
const found = await session.run(feeds);
for (const [name, tensor] of Object.entries(found)) {
  console.log(name, Array.from(tensor.data));
}
