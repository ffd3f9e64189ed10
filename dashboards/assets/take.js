// Gives a figure as PNG: the SVG of the link beside it is drawn at twice its size; see components/take.py.
(function () {
  // Links of PNG are shown where this script runs alone (see the style of .take).
  document.documentElement.dataset.takes = "";
  document.addEventListener("click", function (event) {
    const link = event.target.closest('a[data-take="png"]');
    if (!link) return;
    event.preventDefault();
    const drawing = link.closest(".take").querySelector('a[data-take="svg"]');
    const image = new Image();
    image.onload = function () {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * image.width;
      canvas.height = 2 * image.height;
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (made) {
        const file = document.createElement("a");
        file.href = URL.createObjectURL(made);
        file.download = link.getAttribute("download");
        file.click();
        setTimeout(function () { URL.revokeObjectURL(file.href); }, 10000);
      }, "image/png");
    };
    image.src = drawing.href;
  });
})();
